"""A Demucs of some thousand random weights, written as its publisher writes models."""

from pathlib import Path


def make_demucs(folder: Path) -> Path:
    """A folder with a bag of one model: tiny.yaml and the .th file that it names."""
    import torch
    from demucs.htdemucs import HTDemucs
    from demucs.states import save_with_checksum

    torch.manual_seed(0)
    sizes = {"channels": 8, "depth": 4, "t_layers": 1, "t_heads": 1, "bottom_channels": 8}
    model = HTDemucs(["drums", "vocals"], segment=2, samplerate=44_100, **sizes)
    args, kwargs = model._init_args_kwargs
    folder.mkdir(parents=True, exist_ok=True)
    package = {"klass": HTDemucs, "args": args, "kwargs": kwargs, "state": model.state_dict()}
    save_with_checksum(package, folder / "0a1b2c3d.th")
    (folder / "tiny.yaml").write_text("models: ['0a1b2c3d']\n")
    return folder
