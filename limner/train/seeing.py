"""The frozen eyes, as training looks at pictures with them: the very numbers that ship."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from limner.engine.weights import WeightsPart
from limner.model.eyes import Eyes, EyesConfig
from limner.model.layout import PATCH_PX
from limner.model.pictures import EYES_CHANNELS, find_references, lay_patches
from limner.train.objective import Batch, under_noise


class FrozenEyes:
    """Eyes without gradients, and their digest; without eyes nothing is seen, which is zeros of the width that is asked for."""

    def __init__(self, eyes: Eyes | None, digest: str, width: int, device: torch.device) -> None:
        self.eyes = None if eyes is None else eyes.eval().requires_grad_(False).to(device)
        self.digest, self.width, self.device = digest, width, device

    @classmethod
    def open(cls, weights_dir: Path, name: str, width: int, device: torch.device) -> FrozenEyes:
        """Load the eyes of that name, "" for none.

        Raises:
            DamagedFile: they are missing or not what their manifest says.
        """
        if not name:
            return cls(None, "", width, device)
        part = WeightsPart.open(weights_dir / name, digest=None)
        return cls(load_eyes(part), part.digest, width, device)

    @torch.no_grad()
    def look(self, batch: Batch, text: Tensor) -> tuple[Tensor, Tensor]:
        """Return what is seen in the sources (B, rows, columns, F) and in the references among the patches of the prefix (B, G, F).

        The last of the F numbers says whether `text`, the word vectors of the batch's captions (B, L, text width), speaks of it.
        """
        source_B6HW = under_noise(batch)
        B, _, H, W = source_B6HW.shape
        patch_seen = torch.zeros(*batch.patches.shape[:2], self.width, device=self.device)
        if self.eyes is None:
            return torch.zeros(B, H // PATCH_PX, W // PATCH_PX, self.width, device=self.device), patch_seen
        has_source_B = batch.shown.flatten(1).any(1)
        self._look_at_references(self.eyes, batch, text, patch_seen)
        seen = _see(self.eyes, source_B6HW[:, :EYES_CHANNELS], text, batch.token_mask)
        return seen * has_source_B[:, None, None, None], patch_seen

    def _look_at_references(self, eyes: Eyes, batch: Batch, text_BLE: Tensor, patch_seen_BGF: Tensor) -> None:
        """Write what is seen in the references to their places; those of one size are looked at together."""
        places: dict[int, list[tuple[int, slice]]] = {}
        for row, segments in enumerate(batch.patch_segments.cpu().numpy()):
            for run in find_references(segments):
                places.setdefault(run.stop - run.start, []).append((row, run))
        for same in places.values():
            pictures = torch.stack([torch.from_numpy(lay_patches(batch.patches[row, run].cpu().numpy())) for row, run in same])
            looked_at = torch.cat([pictures, torch.ones_like(pictures[:, :1])], dim=1).to(self.device)
            rows = [row for row, _ in same]
            for (row, run), seen in zip(same, _see(eyes, looked_at, text_BLE[rows], batch.token_mask[rows]), strict=True):
                patch_seen_BGF[row, run] = seen.flatten(0, 1)


def _see(eyes: Eyes, pictures_B5HW: Tensor, text_BLE: Tensor, mask_BL: Tensor) -> Tensor:
    seen: Tensor = eyes(pictures_B5HW)
    return torch.cat([seen, eyes.recognise(seen, text_BLE, mask_BL)], dim=-1)


def load_eyes(part: WeightsPart) -> Eyes:
    """Return eyes as they were written.

    Raises:
        DamagedFile: they are not as they were written.
    """
    config = part.manifest["config"]
    eyes = Eyes(EyesConfig(widths=tuple(config["widths"]), depths=tuple(config["depths"]), text_width=config["text_width"]))
    eyes.load_state_dict(eyes.state_dict() | {name: torch.from_numpy(tensor) for name, tensor in part.tensors().items()})
    return eyes
