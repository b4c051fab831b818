"""Indexes of images made in memory."""

import json
from pathlib import Path

import ledger
from harness import run_layerproof

NOTHING = {"name": "registry.acme.example/nothing/here:1", "digest": "sha256:" + "1" * 64}


def describe_image(name, image):
    """One record of an export, as fixtures/exports/images.ndjson has them."""
    return {"name": name, "digest": image.digest, "config": image.parsed["config"]["digest"],
            "layers": image.layers, "diff_ids": image.diff_ids}


def import_images(folder, images=None, **fields):
    """An index, in `folder`, of {name: image}, each with these fields of a record too; without
    images, of a digest that is nobody's."""
    for image in (images or {}).values():
        ledger.add_internal([image.digest, image.parsed["config"]["digest"], *image.layers,
                             *image.diff_ids])
    records = [{**describe_image(name, image), **fields}
               for name, image in (images or {}).items()] or [NOTHING]
    export, index = Path(folder) / "export.ndjson", Path(folder) / "index"
    export.write_text("".join(json.dumps(record) + "\n" for record in records))
    maps = [word for field in fields for word in ("--map", f"{field}={field}")]
    ended = run_layerproof("--index", index, "import", "--source", "test", *maps, export)
    assert ended.exit == 0, ended.stderr
    return index
