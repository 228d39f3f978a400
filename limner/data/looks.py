"""The looks of the corpus in words: what a person would call the style of each set, and of the variants inside a set.

A phrase is a noun ("flat icon") or ends in "style", "design" or "art"; it names no colour, because drawings in one ink are painted anew.
"""

from __future__ import annotations

from collections.abc import Mapping

from limner.data.packing.icons import MONO_SETS
from limner.data.packing.pictograms import PICTOGRAM_SETS

ONE_INK = frozenset(icon_set.name for icon_set in MONO_SETS) | {each.name for each in PICTOGRAM_SETS if each.is_mono}
_LINE = ("line icon", "outline icon", "simple line icon", "stroke icon")
_FILLED = ("filled icon", "solid icon", "solid glyph icon")
_DUOTONE = ("duotone icon", "two-tone icon", "icon in two tones")
_PIXEL = ("pixel art icon", "pixel icon", "8-bit icon")

LOOKS: Mapping[str, tuple[str, ...]] = {
    # emoji
    "fluent-emoji-flat": ("flat icon", "flat emoji", "flat design", "flat style", "flat vector icon"),
    "fluent-emoji": ("gradient emoji", "smooth gradient icon", "soft gradient style"),
    "fluent-3d": ("3D render", "glossy 3D icon", "3D emoji", "3D style"),
    "twemoji": ("simple emoji", "minimal vector emoji", "twemoji style", "simple flat emoji"),
    "noto": ("shaded emoji", "softly shaded emoji", "noto style", "shaded cartoon icon"),
    "noto-v1": ("old noto emoji", "blob era emoji", "old shaded emoji"),
    "emojione": ("emojione style", "rounded emoji", "bold simple emoji"),
    "fxemoji": ("firefox emoji", "fxemoji style", "long shadow free emoji"),
    "streamline-emojis": ("outlined sticker style", "outlined cartoon", "outlined emoji"),
    # colour icons
    "icon-park": ("two-colour line icon", "thick line icon", "line icon"),
    "flat-color-icons": ("flat colour icon", "simple flat colour icon"),
    "fluent-color": ("soft gradient UI icon", "gradient app icon"),
    "meteocons": ("weather icon", "soft weather icon"),
    "streamline-color": ("two-tone UI icon", "small duotone icon", "flat two-tone icon"),
    "streamline-plump-color": ("plump icon", "chubby rounded icon", "thick rounded two-tone icon"),
    "streamline-freehand-color": ("hand-drawn doodle", "freehand colour sketch", "colour doodle", "hand-drawn icon"),
    "streamline-flex-color": ("curvy two-tone icon", "flexible line icon", "soft two-tone icon"),
    "streamline-sharp-color": ("sharp-cornered icon", "hard-edged two-tone icon", "angular flat icon"),
    "streamline-ultimate-color": ("detailed flat icon", "outlined colour icon", "detailed colour icon"),
    "streamline-cyber-color": ("angular line icon", "cyber style", "techno icon with cut corners"),
    "streamline-kameleon-color": ("round badge icon", "icon in a round badge", "kameleon style"),
    "marketeq": ("glossy outline icon", "outlined colour icon", "colourful line icon"),
    "flag": ("flat flag", "flag icon", "rectangular flag"),
    "circle-flags": ("round flag", "circular flag icon", "flag in a circle"),
    "flagpack": ("rectangular flag icon", "detailed small flag", "flag icon"),
    # one ink, solid
    "game-icons": ("stencil silhouette", "game icon", "silhouette icon", "fantasy game glyph"),
    "healthicons": ("health icon", "medical pictogram", "public health icon"),
    "pinhead": ("small map symbol", "tiny silhouette", "map pin icon"),
    "temaki": ("map symbol", "small map icon", "cartographic symbol"),
    "maki": ("map icon", "small map symbol", "simple map pictogram"),
    "roentgen": ("map symbol", "tiny map icon", "street map symbol"),
    "nrk": ("user interface icon", "broadcast app icon", "simple UI icon"),
    "guidance": ("wayfinding pictogram", "signage icon", "thin signage pictogram"),
    "emojione-monotone": ("monochrome emoji", "one-colour emoji", "emoji stencil"),
    "fluent-emoji-high-contrast": ("high contrast emoji", "monochrome emoji", "black-and-white style emoji"),
    # one ink, lines
    "tabler": _LINE,
    "lucide": ("clean line icon", "outline icon", "rounded line icon"),
    "iconoir": ("line icon", "thin outline icon", "minimal line icon"),
    "carbon": ("productive UI icon", "thin line icon", "interface icon"),
    "gis": ("map tool icon", "geography icon", "GIS icon"),
    "wi": ("weather glyph", "weather icon", "thin weather symbol"),
    "covid": ("public health line icon", "bold line icon", "hygiene icon"),
    "line-md": ("rounded line icon", "line icon", "material line icon"),
    "mingcute": ("rounded line icon", "line icon", "neat outline icon"),
    "teenyicons": ("tiny line icon", "minimal thin icon", "teeny icon"),
    "ph": ("line icon", "friendly outline icon", "regular weight line icon"),
    "solar": ("rounded line icon", "line icon", "smooth outline icon"),
    "material-symbols": ("material icon", "filled icon", "solid UI icon"),
    "streamline-freehand": ("hand-drawn doodle", "freehand sketch icon", "doodle line drawing", "sketchy icon"),
    "streamline-pixel": _PIXEL,
    "streamline-ultimate": ("detailed line icon", "fine line icon", "thin outline icon"),
    "streamline-plump": ("plump line icon", "thick rounded line icon", "chubby outline icon"),
    "streamline-cyber": ("angular line icon", "techno line icon", "cyber style"),
    "streamline-block": ("blocky icon", "chunky geometric icon", "block style"),
    "icon-park-outline": ("thick line icon", "bold outline icon", "line icon"),
    "icon-park-solid": ("bold solid icon", "filled icon", "heavy glyph icon"),
    "icon-park-twotone": _DUOTONE,
    "pepicons-print": ("retro print icon", "offset print icon", "misprinted duotone icon"),
    "pepicons-pencil": ("pencil line icon", "thin pencil-drawn icon", "pencil style"),
    "duo-icons": _DUOTONE,
    "dinkie-icons": ("tiny pixel icon", "pixel art icon", "small bitmap icon"),
    "pixelarticons": _PIXEL,
    "pixel": ("pixel art icon", "blocky pixel icon", "8-bit icon"),
    # illustrations
    "carbon-pictograms": ("thin line pictogram", "fine line pictogram", "delicate line drawing"),
    "momentum-illustrations": ("thin line illustration", "fine outline illustration", "UI line illustration"),
    "semi-illustrations": ("UI illustration", "empty state illustration", "flat web illustration"),
    "gravity-illustrations": ("app illustration", "flat UI illustration", "soft web illustration"),
    "openclipart": ("clip art", "cartoon clip art", "clipart drawing", "clip art drawing"),
    # avatars
    "dicebear-adventurer": ("cartoon adventurer avatar", "outlined cartoon head", "comic character head"),
    "dicebear-avataaars": ("flat vector avatar", "half-length flat avatar", "profile picture avatar"),
    "dicebear-big-ears": ("cartoon face with big ears", "flat big-eared avatar", "simple cartoon head"),
    "dicebear-big-smile": ("side view cartoon head", "big smile avatar", "cheerful cartoon head"),
    "dicebear-bottts": ("flat robot avatar", "robot head icon", "vector robot"),
    "dicebear-croodles": ("crude doodle portrait", "scribbled line portrait", "hand-drawn doodle face"),
    "dicebear-dylan": ("simple flat avatar", "bold minimal face", "flat cartoon head"),
    "dicebear-fun-emoji": ("round emoji face", "funny emoji", "big-eyed emoji"),
    "dicebear-lorelei": ("ink line portrait", "black and white line portrait", "manga style line avatar"),
    "dicebear-micah": ("hand-drawn flat portrait", "half-length cartoon portrait", "flat portrait with outlines"),
    "dicebear-miniavs": ("minimal flat avatar", "small geometric avatar", "mini avatar"),
    "dicebear-notionists": ("black and white notion style portrait", "ink sketch portrait", "notion style"),
    "dicebear-open-peeps": ("hand-drawn bust", "ink line bust with flat colour", "open peeps style"),
    "dicebear-personas": ("flat geometric avatar", "geometric character portrait", "flat bust"),
    "dicebear-pixel-art": ("pixel art portrait", "8-bit avatar", "pixel avatar"),
    "dicebear-shapes": ("abstract geometric art", "geometric shapes pattern", "flat abstract design"),
    "dicebear-thumbs": ("thumb shaped character", "blob character", "simple blob avatar"),
    "dicebear-toon-head": ("cartoon head", "flat toon avatar", "toon style portrait"),
}
_VARIANTS: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "ph": (
        ("-thin", ("thin line icon", "hairline icon", "very thin outline icon")),
        ("-light", ("light line icon", "light outline icon")),
        ("-bold", ("bold line icon", "thick outline icon", "heavy line icon")),
        ("-fill", _FILLED),
        ("-duotone", _DUOTONE),
    ),
    "solar": (
        ("-broken", ("broken line icon", "line icon with gaps", "dashed outline icon")),
        ("-line-duotone", ("two-tone line icon", "duotone line icon")),
        ("-bold-duotone", _DUOTONE),
        ("-bold", _FILLED),
    ),
    "material-symbols": (
        ("-outline-rounded", ("rounded outline icon", "rounded material line icon")),
        ("-outline-sharp", ("sharp outline icon", "sharp material line icon")),
        ("-outline", ("material outline icon", "outline icon", "UI line icon")),
        ("-rounded", ("rounded filled icon", "rounded material icon")),
        ("-sharp", ("sharp filled icon", "sharp material icon")),
    ),
    "tabler": (("-filled", _FILLED),),
    "carbon": (("-filled", _FILLED), ("-glyph", _FILLED)),
    "mingcute": (("-fill", _FILLED),),
    "iconoir": (("-solid", _FILLED),),
    "healthicons": (
        ("-outline-24px", ("thin outline health icon", "medical line icon")),
        ("-outline", ("outline health icon", "medical line icon")),
    ),
    "teenyicons": (("-solid", ("tiny solid icon", "small filled icon")),),
    "streamline-ultimate": (("-bold", ("bold solid icon", "detailed glyph icon")),),
    "streamline-plump": (("-solid", ("plump solid icon", "chubby filled icon")), ("-remix", ("plump two-part icon", "chubby remix icon"))),
    "nrk": (("-solid-expressive", _FILLED), ("-solid", _FILLED)),
    "dinkie-icons": (("-filled", ("tiny filled pixel icon", "solid pixel icon")),),
    "pixel": (("-solid", ("solid pixel icon", "filled pixel art icon")),),
    "line-md": (("-twotone", _DUOTONE), ("-filled", _FILLED)),
    "semi-illustrations": (("-dark", ("UI illustration for dark mode", "dark mode illustration")),),
    "gravity-illustrations": (("-dark", ("app illustration for dark mode", "dark mode illustration")),),
}  # fmt: skip
THING_SETS = frozenset({"game-icons", "pinhead", "temaki", "maki", "openclipart", "carbon-pictograms"})


def look_words(set_name: str, slug: str = "") -> tuple[str, ...]:
    """Return phrases for the look of a drawing: of its variant where the slug tells one, else of its set; never none."""
    for ending, phrases in _VARIANTS.get(set_name, ()):
        if slug.endswith(ending):
            return phrases
    return LOOKS.get(set_name, ("icon",))
