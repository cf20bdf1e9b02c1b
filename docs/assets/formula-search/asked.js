/**
 * What other_words.py has written: which words people use who ask for a formula.
 * @param {{words: string, where: number[][]}} index
 * @param {number} count of formulas
 * @returns {string[]} the words for each formula
 */
export function otherWords({ words, where }, count) {
  const found = Array.from({ length: count }, () => []);
  words.split(" ").forEach((word, i) => {
    let place = -1;
    for (const between of where[i]) found[place += 1 + between].push(word);
  });
  return found.map((list) => list.join(" "));
}
