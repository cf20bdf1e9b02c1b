/**
 * What other_words.py has written: which words people use who ask for a formula.
 * @param {{words: string, where: number[][]}} index
 * @param {number} count of formulas
 * @returns {string[]} the words for each formula, twice those that it is often asked by
 */
export function otherWords({ words, where }, count) {
  const found = Array.from({ length: count }, () => []);
  words.split(" ").forEach((word, i) => {
    let place = -1;
    for (const n of where[i]) {
      place += 1 + (n >> 1);
      found[place].push(word);
      if (n & 1) found[place].push(word);
    }
  });
  return found.map((list) => list.join(" "));
}
