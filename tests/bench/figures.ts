/** The ratios that the goals speak of, round by round: what was measured near in time is divided. */
import type { Growth } from './growth.ts';
import type { NativeRun } from './native.ts';
import { spreadOf, type Samples } from './samples.ts';
import { ratios, type Spread } from './statistics.ts';

export type Ratios = Readonly<Record<string, Spread | null>>;

/** Multiply-adds of a job on GPT-2's shape: the four matrices of each block, and the unembedding at every layer. */
export function multiplyAdds({ layers, width, vocab, positions }: NativeRun): number {
  return positions * (layers * 12 * width ** 2 + (layers + 1) * width * vocab);
}

/** What the bare kernel alone would need for the job, over what the job takes. */
function ofCeiling(samples: Samples, work: number, ceiling: string, warm: string): Spread | null {
  const [rates, times] = [samples.get(ceiling), samples.get(warm)];
  if (rates.length !== times.length) return null;
  return spreadOf(
    ratios(
      rates.map((rate) => work / (rate * 1e9)),
      times,
    ),
  );
}

export function figures(samples: Samples, s1: NativeRun, growth: Growth, threads: number): Ratios {
  const native = `native ${s1.kernel} x${threads}`;
  const browser = `Chromium x${threads}`;
  const work = multiplyAdds(s1);
  return {
    s1_browser_of_ceiling: ofCeiling(samples, work, `ceiling/${browser}`, `s1/${browser}/warm`),
    s1_browser_vs_pytorch: samples.ratio('s1/PyTorch eager/warm', `s1/${browser}/warm`),
    s1_native_vs_pytorch: samples.ratio('s1/PyTorch eager/warm', `s1/${native}/warm`),
    lens_browser_vs_ort_f32: samples.ratio('s1/onnxruntime-web f32/lens', `s1/${browser}/lens`),
    lens_browser_vs_ort_int8: samples.ratio('s1/onnxruntime-web int8/lens', `s1/${browser}/lens`),
    lens_native_vs_ort_node_f32: samples.ratio('s1/onnxruntime-node f32/lens', `s1/${native}/lens`),
    cold_over_warm: samples.ratio(`s1/${browser}/cold`, `s1/${browser}/warm`),
    thread2_speedup: samples.ratio('s1/Chromium x1/warm', `s1/${browser}/warm`),
    load_gbps_native: samples.spread(`s1/${native}/load GB/s`),
    load_gbps_browser: samples.spread(`s1/${browser} from the store/load GB/s`),
    load_gbps_browser_disk: samples.spread(`s1/${browser}/load GB/s`),
    bytes_per_point: growth.bytesPerPoint,
    // Beyond what the goals name:
    s1_native_of_ceiling: ofCeiling(samples, work, `ceiling/${native}`, `s1/${native}/warm`),
    s1_native_vs_pytorch_compiled: samples.ratio('s1/PyTorch compiled/warm', `s1/${native}/warm`),
    thread2_speedup_native: samples.ratio(`s1/native ${s1.kernel} x1/warm`, `s1/${native}/warm`),
  };
}
