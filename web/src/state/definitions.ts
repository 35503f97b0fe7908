/** "How to read this": every definition in a few words, with its formula as text. */

export interface Definition {
  readonly term: string;
  readonly formula?: string;
  readonly text: string;
}
export interface Chapter {
  readonly title: string;
  readonly definitions: readonly Definition[];
}

export const CHAPTERS: readonly Chapter[] = [
  {
    title: 'What is measured',
    definitions: [
      {
        term: 'Residual stream',
        text: 'The vector that a transformer carries for each token. Every layer reads it and adds to it. Layer 0 is the embedding; the last layer is the output.',
      },
      {
        term: 'Logit lens',
        formula: 'normed: U · Norm(h) + b     raw: U · h + b below the output',
        text: 'Reads a residual vector as if it were the last one, which gives a distribution over the next token at every layer. Raw leaves out the final norm, so the length of the vector matters.',
      },
      {
        term: 'Point',
        formula: '(layer l, position t)',
        text: 'One cell of the grid. Its distribution predicts the token after position t. Logarithms are natural: entropies are in nats.',
      },
    ],
  },
  {
    title: 'Poles',
    definitions: [
      {
        term: 'G, concentration, and D, competition',
        formula: 'mass-margin: G = top-5 mass, D = 1 − (p1 − p2)',
        text: 'Two pulls that one distribution can feel at once, both from 0 to 1. Other operators: top-ratio (G = p1, D = p2 / p1) and entropic (G = 1 − H / ln V, D = binary entropy of p1 / (p1 + p2), in bits).',
      },
      {
        term: 'GD_ratio',
        formula: 'mean of G / mean of D, over layers 1 to L and all positions',
        text: 'Above 1, concentration is the larger pole. Its interval is a 95% bootstrap over the positions of the text.',
      },
    ],
  },
  {
    title: 'Commitment',
    definitions: [
      {
        term: 'Commit layer',
        text: 'The lowest layer from which the most likely token is the final one at every layer above. The heavy line in the grid.',
      },
    ],
  },
  {
    title: 'Five states',
    definitions: [
      {
        term: 'Step and turbulence',
        formula: 'step = | h/|h| − h₋₁/|h₋₁| |     turbulent: step ≥ θ',
        text: 'How far the direction of the residual vector moves in one layer. θ is the 0.75 quantile of the model’s own steps, or a fixed length.',
      },
      {
        term: 'Branching',
        formula: 'p2 ≥ 0.01 and p2 / p1 ≥ 0.5',
        text: 'A real rival stands beside the leading token.',
      },
      {
        term: 'States',
        formula:
          'D: branching and turbulent.  B: branching, calm.  A: turbulent only.  C: calm and committed.  E: calm, not committed.',
        text: 'Every point above the embedding is in exactly one. All thresholds are settings.',
      },
      {
        term: 'Transitions',
        formula: 'p(to | from) = count / row total',
        text: 'How often one state follows another, from layer to layer at one position, or from token to token at one layer. With 95% Wilson intervals. A row that was never seen says so.',
      },
    ],
  },
  {
    title: 'Trust',
    definitions: [
      {
        term: 'Digest',
        text: 'A SHA-256 over model, settings, tokens, every statistic to the last bit, and the states. The same model, text and settings give the same digest in every browser and on the command line.',
      },
      {
        term: 'What this is not',
        text: 'The lens shows what a layer’s vector would say if it were the last one. That the model “thinks” so at that layer is an interpretation.',
      },
    ],
  },
];
