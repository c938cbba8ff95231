"""What every group of commands does: name the nearest for a mistyped one, and say in its help what each is for."""

from __future__ import annotations

import click

from runbook.errors import UsageError

_WHOLE = 1000  # characters; click ends a longer first sentence with dots


class Group(click.Group):
    """A group of commands that are imported with it."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names; UsageError with the nearest one."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            from runbook.document.suggest import did_you_mean

            typed = f"{ctx.command_path} {args[0]}".partition(" ")[2]
            hint = did_you_mean(args[0], self.list_commands(ctx)) or f"`{ctx.command_path} --help` lists them"
            raise UsageError(f"there is no command '{typed}'", hint=hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Names, and the first sentences of what they say of themselves."""
        commands = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, command.get_short_help_str(_WHOLE)) for name, command in commands.items() if command]
            )
