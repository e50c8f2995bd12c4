// Contrast as WCAG 2.2 reckons it, over the colours of tokens.css.

export type Theme = Map<string, string>;

/** The colours of both themes, by token, read from the style sheet itself. */
export function themesOf(css: string): { light: Theme; dark: Theme } {
  const blocks = [...css.matchAll(/([^{}]*)\{([^{}]*)\}/g)];
  const colours = (body: string) =>
    new Map([...body.matchAll(/--([\w-]+):\s*(#[0-9A-Fa-f]{6});/g)].map((found) => [found[1]!, found[2]!]));
  const themes = blocks.map(([, head, body]) => ({ head: head!, colours: colours(body!) })).filter((block) => block.colours.size > 0);
  const dark = themes.find((block) => block.head.includes("dark"));
  const light = themes.find((block) => !block.head.includes("dark"));
  if (themes.length !== 2 || !dark || !light) throw new Error("tokens.css has one block of colours a theme");
  return { light: light.colours, dark: dark.colours };
}

/** The ratio of two colours, rounded down to one place, as the design's table gives it. */
export function ratio(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  const exact = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  return Math.floor(exact * 10) / 10;
}

function luminance(colour: string): number {
  const channel = (at: number) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}
