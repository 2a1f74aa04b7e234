"""The commands `models …`: weights that do not come with the packages."""

from __future__ import annotations

from typing import Annotated

import typer

from dubbing import console
from dubbing.cli_options import (
    AsJson,
)
from dubbing.engines import licences
from dubbing.engines.weights import models_dir, record
from dubbing.models import downloads, pull, weights_rows

models = typer.Typer(help="Model weights that do not come with the packages.", no_args_is_help=True)


@models.command("pull")
def models_pull(
    name: Annotated[
        str,
        typer.Argument(help="Profile, weights, or pair such as en-ru.", show_default=False),
    ],
    accept_cpml: Annotated[
        bool, typer.Option("--accept-cpml", help="Accept XTTSv2's licence (non-commercial).")
    ] = False,
) -> None:
    """Download model weights once; what is there already stays."""
    if accept_cpml:
        licences.accept("CPML")
    for wanted in downloads(name):
        console.out.print(f"{wanted}: {pull(wanted)}", highlight=False)


@models.command("verify")
def models_verify(as_json: AsJson = False) -> None:
    """Check every pulled file against its recorded checksum."""
    rows = weights_rows()
    if as_json:
        console.show_json(rows)
    else:
        console.show_table(rows)
    if any(row["state"] == "damaged" for row in rows):
        raise typer.Exit(1)


@models.command("trust")
def models_trust(
    name: Annotated[str, typer.Argument(help="Weights, such as xtts-v2.", show_default=False)],
) -> None:
    """Record the checksums of weights that were copied by hand into the models folder."""
    record(name, revision="copied by hand")
    console.out.print(str(models_dir() / name), highlight=False)


@models.command("accept-cpml")
def models_accept_cpml() -> None:
    """Accept the Coqui Public Model License of XTTSv2: non-commercial use only."""
    console.out.print(f"{licences.URLS['CPML']} accepted {licences.accept('CPML')}")
