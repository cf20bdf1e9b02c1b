/** Tables of characters: which Unicode sign is which TeX command, and back. */

const GREEK =
  "alpha α beta β gamma γ delta δ epsilon ϵ zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ pi π rho ρ " +
  "sigma σ tau τ upsilon υ phi ϕ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ " +
  "Phi Φ Psi Ψ Omega Ω varepsilon ε vartheta ϑ varpi ϖ varrho ϱ varsigma ς varphi φ";

const pairs = (text) => {
  const words = text.split(/\s+/);
  return Array.from({ length: words.length / 2 }, (_, i) => [words[2 * i], words[2 * i + 1]]);
};

/** Greek command name → character. */
export const greek = new Map(pairs(GREEK));
/** Greek character → command name. */
export const greekName = new Map(pairs(GREEK).map(([name, char]) => [char, name]));
greekName.set("µ", "mu").set("ɛ", "varepsilon").set("∆", "Delta").set("Ω", "Omega");

/** The name of a variable without its accents, primes and stars. */
export const plain = (name) => name.replace(/[\^′*].*$/u, "");

/** Spellings of one letter that a learner does not tell apart. */
const SAME = { "ϵ": "ε", "ϑ": "θ", "ϖ": "π", "ϱ": "ρ", "ς": "σ", "ϕ": "φ", "ℓ": "l", "ı": "i", "ȷ": "j" };
export const sameLetter = (char) => SAME[char] ?? char;

/** TeX command of an operator → the one character under which index and query know it. */
export const operator = new Map(pairs(
  "cdot · times · ast · * · odot · otimes · circ · bullet · star * div / slash / " +
  "le ≤ leq ≤ leqslant ≤ ge ≥ geq ≥ geqslant ≥ ll ≪ gg ≫ ne ≠ neq ≠ approx ≈ simeq ≈ sim ~ equiv = coloneqq = " +
  "triangleq = propto ∝ to → rightarrow → Rightarrow ⇒ mapsto → gets ← leftarrow ← Leftarrow ⇐ succ ≻ prec ≺ in ∈ " +
  "notin ∉ subset ⊂ subseteq ⊂ cup ∪ cap ∩ setminus \\ backslash \\ mid | vert | lvert | rvert | Vert ‖ lVert ‖ rVert ‖ " +
  "parallel ‖ pm ± mp ± oplus + partial ∂ nabla ∇ infty ∞ varnothing ∅ emptyset ∅ ell l prime ′ top ⊤ intercal ⊤ " +
  "lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ langle ⟨ rangle ⟩ lbrace { rbrace } { { } } lbrack [ rbrack ] ldots … cdots … dots … " +
  "dotsc … dotsb … vdots … ddots … @cdots … forall ∀ exists ∃ colon : hbar ħ Re ℜ Im ℑ % % # # $ $ & & _ _ " +
  "ddagger ‡ dagger † wedge ∧ land ∧ vee ∨ lor ∨ neg ¬ lnot ¬ iff ⇔ implies ⇒ Leftrightarrow ⇔ perp ⊥",
));
for (const sign of ["−", "–", "—"]) operator.set(sign, "-");
for (const sign of ["·", "⋅", "×", "∗", "⊙", "⊗", "∘", "•", "*"]) operator.set(sign, "·");
for (const [sign, is] of pairs("∣ | ∥ ‖ ∕ / ÷ / ⁄ / ≔ = ≜ = ≡ = ∼ ~ ⩽ ≤ ⩾ ≥ ≃ ≈ ' ′ ∖ \\")) operator.set(sign, is);

/** Unicode sign → TeX, for input that is not TeX. */
export const unicodeTex = new Map(pairs(
  "− - – - — - × \\times · \\cdot ⋅ \\cdot ∙ \\cdot • \\cdot ∗ \\cdot ÷ / ∕ / ⁄ / ⊙ \\odot ⊗ \\otimes ⊕ \\oplus ∘ \\circ " +
  "≤ \\le ≥ \\ge ⩽ \\le ⩾ \\ge ≠ \\ne ≈ \\approx ≃ \\approx ∼ \\sim ≡ \\equiv ≔ = ≜ = ∝ \\propto → \\to ⟶ \\to ← \\gets ⟵ \\gets ⇒ \\Rightarrow " +
  "≻ \\succ ≺ \\prec ∈ \\in ∉ \\notin ⊂ \\subset ⊆ \\subseteq ∪ \\cup ∩ \\cap ∖ \\setminus ∣ \\mid ∥ \\| ‖ \\| ± \\pm " +
  "∂ \\partial ∇ \\nabla ∞ \\infty ∅ \\varnothing ⊤ \\top ⌊ \\lfloor ⌋ \\rfloor ⌈ \\lceil ⌉ \\rceil ⟨ \\langle ⟩ \\rangle 〈 \\langle 〉 \\rangle " +
  "… \\dots ⋯ \\cdots ∑ \\sum Σ \\sum ∏ \\prod Π \\prod ∫ \\int ′ ' ’ ' ″ '' ℓ \\ell ℒ L ℝ \\mathbb{R} 𝔼 \\mathbb{E} ∀ \\forall ∃ \\exists " +
  "½ \\frac12 ⅓ \\frac13 ¼ \\frac14 ¾ \\frac34 ⅔ \\frac23 ∆ \\Delta µ \\mu ¬ \\neg ∧ \\wedge ∨ \\vee ⟺ \\iff 〖 { 〗 } ∶ : ＝ =",
));

/** Superscript and subscript characters → plain ones. */
export const superscript = new Map([..."⁰0¹1²2³3⁴4⁵5⁶6⁷7⁸8⁹9⁺+⁻-⁼=⁽(⁾)ᵃaᵇbᶜcᵈdᵉeᶠfᵍgʰhⁱiʲjᵏkˡlᵐmⁿnᵒoᵖpʳrˢsᵗtᵘuᵛvʷwˣxʸyᶻzᴬAᴮBᴰDᴱEᴳGᴴHᴵIᴶJᴷKᴸLᴹMᴺNᴼOᴾPᴿRᵀTᵁUⱽVᵂWᵝβᵞγᵟδᶿθᵠφᵡχᵅα"]
  .reduce((list, char, i, all) => (i % 2 ? list : [...list, [char, all[i + 1]]]), []));
export const subscript = new Map([..."₀0₁1₂2₃3₄4₅5₆6₇7₈8₉9₊+₋-₌=₍(₎)ₐaₑeₕhᵢiⱼjₖkₗlₘmₙnₒoₚpᵣrₛsₜtᵤuᵥvₓxᵦβᵧγᵨρᵩφᵪχ"]
  .reduce((list, char, i, all) => (i % 2 ? list : [...list, [char, all[i + 1]]]), []));

/** Combining mark → TeX accent. */
export const combining = new Map(pairs("\u0302 hat \u0304 bar \u0305 bar \u0303 tilde \u0307 dot \u0308 ddot \u20d7 vec \u0306 breve \u030c check"));
/** Accents in the tree: wide and narrow are one. */
export const accentName = (label) => ({
  widehat: "hat", widetilde: "tilde", overline: "bar", overrightarrow: "vec", mathring: "ring",
}[label] ?? label);
