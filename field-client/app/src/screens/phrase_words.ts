// How a phrase's words are made: consonant, vowel, twice (shared/seal/phrase.h). What a person has
// typed of the last word is completed once four words at most are left.
const consonants = "bdfgjklmnprstwyz";
const vowels = "aeiu";

/** The words the last one may become; none while too many could. */
export function completions(typed: string): string[] {
  const begun = /(?:^|\s)([a-z]{2,3})$/.exec(typed.toLowerCase())?.[1];
  if (begun === undefined || !canBegin(begun) || begun.length < 3) return [];
  return [...vowels].map((vowel) => begun + vowel);
}

/** `typed` with its last word completed, ready for the next. */
export const complete = (typed: string, word: string): string => typed.replace(/\S*$/, `${word} `);

const canBegin = (begun: string): boolean =>
  [...begun].every((letter, index) => (index % 2 === 0 ? consonants : vowels).includes(letter));
