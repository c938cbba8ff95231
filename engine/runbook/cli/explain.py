"""`runbook explain`: what a runbook will do, in its order; what a kind of step takes and gives; why a rule is there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from runbook.cli.environments import env_option
from runbook.cli.options import examples, output
from runbook.cli.session import Session
from runbook.errors import Exit, UsageError

if TYPE_CHECKING:
    from runbook.document.model import Step
    from runbook.document.spec import KindSpec
    from runbook.lint.codes import Code
    from runbook.lint.rule import Rule


_CODE: Final = re.compile(r"RB\d{3}")


class Options(NamedTuple):
    """What `explain` was asked for: a runbook's name, a kind's, or nothing."""

    what: str | None = None
    output: str = "text"
    environment: str | None = None


@click.command(
    "explain",
    epilog=examples("explain", "explain kubernetes.rollout_undo", "explain high-api-error-rate", "explain RB101"),
)
@click.argument("what", required=False, metavar="[NAME|KIND|CODE]")
@env_option("The environment whose policy and connections hold; without it the default one.")
@output()
@click.pass_obj
def command(session: Session, what: str | None, environment: str | None, output: str) -> int:
    """Say what the runbook NAME will do, what a step of KIND takes and gives, or why lint says CODE.

    Without any of them, list the kinds.
    """
    return explain(session, Options(what, output, environment))


def explain(session: Session, options: Options) -> Exit:
    """Nothing is opened but files."""
    if options.what is None:
        return _kinds(session, options)
    if options.what in session.project.specs:
        return _kind(session, session.project.specs[options.what], options)
    if _CODE.fullmatch(options.what):
        return _code(session, options)
    if "." in options.what and not options.what.endswith((".yaml", ".yml")):
        from runbook.document.suggest import did_you_mean

        hint = did_you_mean(options.what, session.project.specs) or "`runbook explain` lists them"
        raise UsageError(f"there is no kind of step {options.what!r}", hint=hint)
    from runbook.cli import parts

    if parts.is_part(session, options.what):
        return parts.told(session, options.what, options.output)
    return _runbook(session, options)


def _kinds(session: Session, options: Options) -> Exit:
    from runbook.report.layout import table

    specs = [session.project.specs[name] for name in session.project.specs]
    if options.output == "json":
        return session.result({"kinds": [_object(spec) for spec in specs]})
    rows = [(spec.name, _effect(spec), spec.summary) for spec in specs]
    session.print("\n".join(table(rows, session.out_style, header=("kind", "effect", "what it does"), whole=True)))
    return Exit.OK


def _kind(session: Session, spec: KindSpec, options: Options) -> Exit:
    if options.output == "json":
        return session.result({"kind": _object(spec)})
    from runbook.report.layout import heading, labelled

    style = session.out_style
    lines = [heading(spec.name, style), *labelled("does", spec.summary, style)]
    lines += labelled("effect", _effect(spec), style)
    lines += labelled("opens", f"a connection of type {spec.connection}", style) if spec.connection else []
    lines += labelled("expects", f"{spec.expect} (unless the step says otherwise)", style) if spec.expect else []
    lines += labelled("timeout", spec.timeout, style)
    lines += labelled("text", f"{spec.text}, unless a declared output says `from`", style) if spec.text else []
    lines += _properties("Inputs, under `with`", spec.inputs, style)
    lines += _properties("Outputs", spec.outputs, style)
    lines += ["", heading("Example", style), *_yaml(spec)]
    session.print("\n".join(lines))
    return Exit.OK


def _code(session: Session, options: Options) -> Exit:
    from runbook.document.suggest import did_you_mean
    from runbook.lint.codes import code, codes
    from runbook.lint.ruling import every_rule

    told = code(str(options.what))
    if told is None:
        hint = did_you_mean(str(options.what), codes()) or "`runbook lint` names the code of each message"
        raise UsageError(f"there is no message with the code {options.what!r}", hint=hint)
    rule = next((rule for rule in every_rule() if rule.code == told.code), None)
    if options.output == "json":
        files = {"bad": dict(rule.bad), "good": dict(rule.good)} if rule else {}
        return session.result({"code": {**told._asdict(), **files}})
    session.print(_rule(session, rule) if rule else _message(session, told))
    return Exit.OK


def _message(session: Session, told: Code) -> str:
    from runbook.report.layout import heading, paragraph
    from runbook.report.links import unlinked

    style = session.out_style
    return "\n".join([heading(told.code, style), *paragraph(unlinked(told.text), style)])


def _rule(session: Session, rule: Rule) -> str:
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from runbook.lint.examples import findings_of
    from runbook.report.rule_page import told

    with TemporaryDirectory() as folder:
        return told(rule, findings_of(rule.bad, Path(folder), session.project.specs), session.out_style)


def _properties(title: str, schema: Any, style: Any) -> list[str]:
    from runbook.report.layout import heading, labelled

    properties = schema.get("properties", {})
    if not properties:
        return []
    lines = ["", heading(title, style)]
    required = schema.get("required", ())
    width = max(10, *(len(name) + 2 for name in properties))
    for name, about in properties.items():
        must = " (must be given)" if name in required else ""
        default = f" Default: {about['default']}." if "default" in about else ""
        words = f" One of {', '.join(map(str, about['enum']))}." if "enum" in about else ""
        lines += labelled(name, f"{about.get('description', '')}{must}{words}{default}", style, width=width)
    return lines


def _yaml(spec: KindSpec) -> list[str]:
    """The example as it would stand in a runbook."""
    import yaml

    text = yaml.safe_dump([dict(spec.example)], sort_keys=False, default_flow_style=False, allow_unicode=True)
    return [f"  {line}" for line in text.rstrip().split("\n")]


def _runbook(session: Session, options: Options) -> Exit:
    from runbook import kinds
    from runbook.document.environments import default, named
    from runbook.report.explain import explain as told

    config = session.project.config
    session.enter(named(config, options.environment) if options.environment else default(config))
    project = session.project
    book, documents = project.runbook(str(options.what))
    others = () if project.environment else project.config.environments
    places = [project.config.connections, *(one.connections for one in others)]
    known = [connection for connections in places for connection in connections]
    configured = {name for connection in known for name in (connection.name, connection.type)}

    def describe(step: Step) -> str:
        line: str = kinds.get(step.uses).describe(step.inputs)
        return line

    if options.output == "json":
        steps = {step.id: describe(step) for step in _steps(book)}
        return session.result({"path": documents.path, "runbook": book, "steps": steps})
    session.print(
        told(
            book,
            project.specs,
            session.out_style,
            people=project.people,
            connections=configured,
            describe=describe,
        )
    )
    return Exit.OK


def _steps(book: Any) -> list[Step]:
    from runbook.report.explain import steps_of

    return steps_of(book)


def _object(spec: KindSpec) -> dict[str, Any]:
    return {
        "name": spec.name,
        "version": spec.version,
        "summary": spec.summary,
        "role": spec.role,
        "effect": spec.effect,
        "connection": spec.connection,
        "expect": spec.expect,
        "timeout": spec.timeout,
        "text": spec.text,
        "inputs": spec.inputs,
        "outputs": spec.outputs,
        "example": spec.example,
    }


def _effect(spec: KindSpec) -> str:
    if spec.role == "manual":
        return "a person"
    return str(spec.effect) if spec.effect is not None else "as the step says"
