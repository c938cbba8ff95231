"""The Language Server Protocol on one side, `authoring.editing` and lint on the other; knows neither YAML nor rules.

What the editor holds is looked at in the place of the file, a moment after the last key. Anything that goes wrong here
is one missing answer: the editor goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lsprotocol import types
from pygls.lsp.server import LanguageServer as Server
from pygls.uris import from_fs_path, to_fs_path

from runbook import __version__
from runbook.authoring.editing import hints
from runbook.authoring.editing.offers import Offer, offers
from runbook.authoring.editing.outline import Named, outline
from runbook.authoring.formatting.document import formatted, is_ours
from runbook.document.findings import Finding, Severity
from runbook.errors import RunbookError

if TYPE_CHECKING:
    from pygls.workspace import TextDocument

    from runbook.bootstrap import Project

_QUIET: Final = 0.2  # seconds after the last key
_SOURCE: Final = "runbook"
_SEVERITIES: Final = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
}
_ITEMS: Final = {
    "key": types.CompletionItemKind.Property,
    "value": types.CompletionItemKind.EnumMember,
    "kind": types.CompletionItemKind.Function,
    "name": types.CompletionItemKind.Variable,
}
_SYMBOLS: Final = {
    "step": types.SymbolKind.Function,
    "option": types.SymbolKind.Module,
    "parameter": types.SymbolKind.Variable,
    "signal": types.SymbolKind.Event,
    "target": types.SymbolKind.Object,
}
_TRIGGERS: Final = types.CompletionOptions(trigger_characters=[".", ":", " ", "{"])


class LanguageServer:
    """One editor's server, in one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._server = Server("runbook", __version__)
        self._latest: dict[str, int] = {}
        feature = self._feature
        feature(types.TEXT_DOCUMENT_DID_OPEN, self._opened)
        feature(types.TEXT_DOCUMENT_DID_CHANGE, self._changed)
        feature(types.TEXT_DOCUMENT_DID_SAVE, self._saved)
        feature(types.TEXT_DOCUMENT_DID_CLOSE, self._closed)
        feature(types.TEXT_DOCUMENT_COMPLETION, self._completion, _TRIGGERS)
        feature(types.TEXT_DOCUMENT_HOVER, self._hover)
        feature(types.TEXT_DOCUMENT_DEFINITION, self._definition)
        feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, self._symbols)
        feature(types.TEXT_DOCUMENT_FORMATTING, self._formatting)

    def start(self) -> None:
        """Serve on stdin and stdout."""
        self._server.start_io()

    def _feature(self, name: str, answer: Callable[[Any], Any], options: Any = None) -> None:
        """A method answers; what the library marks as an answer must be a function."""

        async def awaited(params: Any) -> Any:
            return await answer(params)

        def answered(params: Any) -> Any:
            return answer(params)

        self._server.feature(name, options)(awaited if asyncio.iscoroutinefunction(answer) else answered)

    # --- findings -----------------------------------------------------------------------------------------

    async def _opened(self, params: types.DidOpenTextDocumentParams) -> None:
        await self._look(params.text_document.uri, 0.0)

    async def _changed(self, params: types.DidChangeTextDocumentParams) -> None:
        await self._look(params.text_document.uri, _QUIET)

    async def _saved(self, params: types.DidSaveTextDocumentParams) -> None:
        """What other open documents refer to may have changed."""
        del params
        for uri in list(self._server.workspace.text_documents):
            await self._look(uri, 0.0)

    def _closed(self, params: types.DidCloseTextDocumentParams) -> None:
        self._latest.pop(params.text_document.uri, None)
        self._publish(params.text_document.uri, [])

    async def _look(self, uri: str, quiet: float) -> None:
        number = self._latest[uri] = self._latest.get(uri, 0) + 1
        await asyncio.sleep(quiet)
        if self._latest.get(uri) != number:
            return  # typed on, or closed
        document = self._server.workspace.get_text_document(uri)
        found = self._findings(document)
        self._publish(uri, [_diagnostic(document, finding) for finding in found])

    def _publish(self, uri: str, diagnostics: list[types.Diagnostic]) -> None:
        self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics))

    def _findings(self, document: TextDocument) -> list[Finding]:
        """What lint says of the text that the editor holds, as if it were saved."""
        from runbook.lint.lint import lint
        from runbook.lint.rule import Rulebook
        from runbook.lint.ruling import every_rule

        path, data = _path(document.uri), document.source.encode("utf-8", "replace")
        if path is None or not is_ours(data):
            return []
        rules = Rulebook(every_rule(), datetime.now(UTC).date())
        try:
            result = lint([path], self._project.specs, jobs=1, rules=rules, texts={path: data})
        except RunbookError as error:
            return [Finding(path=str(path), line=1, column=1, code=error.code, message=error.message, hint=error.hint)]
        return [finding for finding in result.findings if finding.path == str(path)]

    # --- what is asked ------------------------------------------------------------------------------------

    def _completion(self, params: types.CompletionParams) -> types.CompletionList:
        document, line, column = self._place(params)
        found = offers(document.source, line, column, self._project.specs)
        items = [_item(one, number) for number, one in enumerate(found)]
        return types.CompletionList(is_incomplete=False, items=items)

    def _hover(self, params: types.HoverParams) -> types.Hover | None:
        document, line, column = self._place(params)
        text = hints.hover(document.source, line, column, self._project.specs)
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text)) if text else None

    def _definition(self, params: types.DefinitionParams) -> types.Location | None:
        document, line, column = self._place(params)
        found = hints.definition(document.source, line, column)
        if isinstance(found, Named):
            return types.Location(document.uri, _range(document, found.line, found.column, len(found.name)))
        if found is None:
            return None
        path = self._project.index.get((found.kind, found.name))
        uri = from_fs_path(str(path)) if path else None
        start = types.Position(0, 0)
        return types.Location(uri, types.Range(start, start)) if uri else None

    def _symbols(self, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        document = self._server.workspace.get_text_document(params.text_document.uri)
        symbols = []
        for one in outline(document.source):
            where = _range(document, one.line, one.column, len(one.name))
            detail = one.title or one.uses
            symbols.append(types.DocumentSymbol(one.name, _SYMBOLS[one.what], where, where, detail=detail))
        return symbols

    def _formatting(self, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
        """The one style; nothing where the text cannot be read, which its findings say."""
        document = self._server.workspace.get_text_document(params.text_document.uri)
        try:
            text = formatted(document.source.encode(), self._project.specs, path=document.path)
        except (RunbookError, UnicodeError):
            return None
        if text is None or text == document.source:
            return None
        end = types.Position(len(document.lines) + 1, 0)
        return [types.TextEdit(types.Range(types.Position(0, 0), end), text)]

    def _place(
        self, params: types.CompletionParams | types.HoverParams | types.DefinitionParams
    ) -> tuple[TextDocument, int, int]:
        document = self._server.workspace.get_text_document(params.text_document.uri)
        position = document.position_codec.position_from_client_units(document.lines, params.position)
        return document, position.line, position.character


def _item(offer: Offer, number: int) -> types.CompletionItem:
    return types.CompletionItem(
        label=offer.text,
        kind=_ITEMS[offer.what],
        detail=offer.detail or None,
        documentation=types.MarkupContent(types.MarkupKind.Markdown, offer.documentation)
        if offer.documentation
        else None,
        insert_text=f"{offer.text}: " if offer.what == "key" else offer.text,
        sort_text=f"{number:04}",
    )


def _diagnostic(document: TextDocument, finding: Finding) -> types.Diagnostic:
    line, column = max(0, finding.line - 1), max(0, finding.column - 1)
    row = document.lines[line] if line < len(document.lines) else ""
    word = next(iter(row[column:].split()), "")
    hint = f"\n{finding.hint}" if finding.hint else ""
    return types.Diagnostic(
        range=_range(document, line, column, max(1, len(word))),
        message=finding.message + hint,
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        source=_SOURCE,
    )


def _range(document: TextDocument, line: int, column: int, length: int) -> types.Range:
    """As the editor counts: mostly in UTF-16."""
    row = document.lines[line] if line < len(document.lines) else ""
    units = document.position_codec.client_num_units
    start = units(row[:column])
    return types.Range(types.Position(line, start), types.Position(line, start + units(row[column : column + length])))


def _path(uri: str) -> Path | None:
    path = to_fs_path(uri)
    return Path(path) if path else None
