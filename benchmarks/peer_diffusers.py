"""Draw with a pipeline of diffusers whose weights are random, and say how long it took: what `peers.py` starts for each peer.

    python benchmarks/peer_diffusers.py ARCHITECTURE WIDTHxHEIGHT REPEATS
    python benchmarks/peer_diffusers.py ARCHITECTURE --save FOLDER      the networks in half precision, as the models publish them

Needs `pip install torch diffusers transformers accelerate`. The arithmetic of a network does not depend on its weights, so the time of a
picture is that of the real pipeline; what is drawn is noise. The configurations are those that the models publish, in bfloat16 where the
processor is fast with it, as who wants speed would run them. Prints one line of JSON: seconds of each picture after one that is not
counted, processor seconds of them all, peak resident bytes, and parameters.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    EulerAncestralDiscreteScheduler,
    LatentConsistencyModelPipeline,
    LCMScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

WORDS = 77
DIFFUSERS_FILE = "diffusion_pytorch_model.safetensors"
TEXT_PREFIX = "text_model."
DOWN_ATTENDING = ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"]
UP_ATTENDING = ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"]
CLIP_L: Mapping[str, Any] = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12}
CLIP_H: Mapping[str, Any] = {"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 23, "num_attention_heads": 16}
CLIP_G: Mapping[str, Any] = {"hidden_size": 1280, "intermediate_size": 5120, "num_hidden_layers": 32, "num_attention_heads": 20}

Draw = Callable[[int], object]


def main() -> None:
    """Build, draw, report; or build and save."""
    architecture, size, repeats = sys.argv[1:]
    if size == "--save":
        save(architecture, Path(repeats))
        return
    width, height = (int(side) for side in size.split("x"))
    torch.manual_seed(0)
    with torch.inference_mode():
        pipe, draw = ARCHITECTURES[architecture](width, height)
        if has_fast_bfloat16():
            pipe.to(torch.bfloat16)
        draw(0)
        before, seconds = processor_seconds(), []
        for seed in range(1, int(repeats) + 1):
            started = time.perf_counter()
            draw(seed)
            seconds.append(time.perf_counter() - started)
    parts = [part for part in pipe.components.values() if isinstance(part, torch.nn.Module)]
    report = {
        "seconds": seconds,
        "processor_s": processor_seconds() - before,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "parameters": sum(parameter.numel() for part in parts for parameter in part.parameters()),
    }
    print(json.dumps(report))


def has_fast_bfloat16() -> bool:
    """Tell whether bfloat16 products are quicker than float32 ones here."""
    return torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()


def save(architecture: str, folder: Path) -> None:
    """Write the networks as models are published for diffusers, for engines that read that."""
    pipe, _ = ARCHITECTURES[architecture](512, 512)
    for name, file in (("unet", DIFFUSERS_FILE), ("vae", DIFFUSERS_FILE), ("text_encoder", "model.safetensors")):
        tensors = pipe.components[name].half().state_dict()
        if name == "text_encoder":  # transformers 5 leaves the prefix out, and published files have it
            tensors = {f"{TEXT_PREFIX}{key.removeprefix(TEXT_PREFIX)}": tensor for key, tensor in tensors.items()}
        (folder / name).mkdir()
        save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, folder / name / file)


def processor_seconds() -> float:
    """Return the user and system seconds of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def sd_turbo(width: int, height: int) -> tuple[Any, Draw]:
    """Stable Diffusion 2.1's networks, one step: https://huggingface.co/stabilityai/sd-turbo."""
    unet = UNet2DConditionModel(
        sample_size=64, cross_attention_dim=1024, attention_head_dim=[5, 10, 20, 20], use_linear_projection=True,
        down_block_types=DOWN_ATTENDING, up_block_types=UP_ATTENDING,
    )  # fmt: skip
    encoder = text_encoder(CLIP_H)
    scheduler = EulerAncestralDiscreteScheduler(timestep_spacing="trailing")
    pipe = StableDiffusionPipeline(autoencoder(), encoder, None, unet, scheduler, None, None, requires_safety_checker=False)
    return quiet(pipe), lambda seed: pipe(
        prompt_embeds=encoder(words(seed)).last_hidden_state, num_inference_steps=1, guidance_scale=0.0, width=width, height=height
    )


def lcm(width: int, height: int) -> tuple[Any, Draw]:
    """Stable Diffusion 1.5's networks distilled to four steps: https://huggingface.co/SimianLuo/LCM_Dreamshaper_v7."""
    unet = UNet2DConditionModel(
        sample_size=64, cross_attention_dim=768, attention_head_dim=8, time_cond_proj_dim=256,
        down_block_types=DOWN_ATTENDING, up_block_types=UP_ATTENDING,
    )  # fmt: skip
    encoder = text_encoder(CLIP_L)
    pipe = LatentConsistencyModelPipeline(
        autoencoder(), encoder, None, unet, LCMScheduler(original_inference_steps=50), None, None, requires_safety_checker=False
    )
    return quiet(pipe), lambda seed: pipe(
        prompt_embeds=encoder(words(seed)).last_hidden_state, num_inference_steps=4, guidance_scale=8.0, width=width, height=height
    )


def sdxl_turbo(width: int, height: int) -> tuple[Any, Draw]:
    """Stable Diffusion XL's networks, one step: https://huggingface.co/stabilityai/sdxl-turbo."""
    unet = UNet2DConditionModel(
        sample_size=64, cross_attention_dim=2048, attention_head_dim=[5, 10, 20], block_out_channels=(320, 640, 1280),
        use_linear_projection=True,
        down_block_types=["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
        up_block_types=["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"], transformer_layers_per_block=[1, 2, 10],
        addition_embed_type="text_time", addition_time_embed_dim=256, projection_class_embeddings_input_dim=2816,
    )  # fmt: skip
    small, large = text_encoder(CLIP_L), CLIPTextModelWithProjection(CLIPTextConfig(projection_dim=1280, **CLIP_G))
    scheduler = EulerAncestralDiscreteScheduler(timestep_spacing="trailing")
    pipe = StableDiffusionXLPipeline(autoencoder(), small, large, None, None, unet, scheduler, add_watermarker=False)

    def draw(seed: int) -> object:
        both = [encoder(words(seed), output_hidden_states=True) for encoder in (small, large)]
        embeds = torch.cat([read.hidden_states[-2] for read in both], dim=-1)
        said = {"prompt_embeds": embeds, "pooled_prompt_embeds": both[1].text_embeds}
        return pipe(**said, num_inference_steps=1, guidance_scale=0.0, width=width, height=height)

    return quiet(pipe), draw


def autoencoder() -> AutoencoderKL:
    """The autoencoder that all of them decode with."""
    return AutoencoderKL(
        block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=4,
        down_block_types=["DownEncoderBlock2D"] * 4, up_block_types=["UpDecoderBlock2D"] * 4,
    ).eval()  # fmt: skip


def text_encoder(sizes: Mapping[str, Any]) -> CLIPTextModel:
    """A text encoder of CLIP's shape."""
    return CLIPTextModel(CLIPTextConfig(**sizes)).eval()


def words(seed: int) -> torch.Tensor:
    """Token ids of a prompt that fills the window, as these pipelines always read."""
    return torch.randint(0, 49_000, (1, WORDS), generator=torch.Generator().manual_seed(seed))


def quiet(pipe: Any) -> Any:
    """Draw without a progress bar."""
    pipe.set_progress_bar_config(disable=True)
    return pipe


ARCHITECTURES: dict[str, Callable[[int, int], tuple[Any, Draw]]] = {"sd-turbo": sd_turbo, "sdxl-turbo": sdxl_turbo, "lcm": lcm}

if __name__ == "__main__":
    main()
