// Draws avatars: node avatars.mjs STYLE COUNT. Runs in a folder whose node_modules holds @dicebear/core and the style.
// Prints one JSON object per line: the style's own words about itself first, then {svg, parts} of each avatar.
import { createAvatar } from "@dicebear/core";

const RARE = 30; // per cent at which what a style wears rarely (glasses, beards, hats) is worn
const OPTIONS = {
  avataaars: { clothingGraphic: ["bear", "deer", "diamond", "pizza", "skull"] }, // no lettering
  dylan: { backgroundColor: ["transparent"] },
  "fun-emoji": { radius: 50 },
  thumbs: { backgroundColor: ["transparent"] },
};
const [style_name, count] = process.argv.slice(2);
const style = await import(`@dicebear/${style_name}`);
const often = Object.fromEntries(
  Object.entries(style.schema.properties)
    .filter(([name, told]) => name.endsWith("Probability") && told.default < RARE)
    .map(([name]) => [name, RARE]),
);
console.log(JSON.stringify(style.meta));
for (let index = 0; index < Number(count); index += 1) {
  const avatar = createAvatar(style, { ...often, ...OPTIONS[style_name], seed: `${style_name} ${index}` });
  console.log(JSON.stringify({ svg: avatar.toString(), parts: avatar.toJson().extra }));
}
