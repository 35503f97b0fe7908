/** What the project wants of itself, beside what was measured: medians count. */
import type { Ratios } from './figures.ts';
import type { Samples } from './samples.ts';

export interface Goal {
  readonly what: string;
  readonly wanted: string;
  /** Null where it could not be measured. */
  readonly measured: number | null;
  readonly met: boolean | null;
}

interface Wish {
  readonly what: string;
  readonly at: 'least' | 'most';
  readonly value: number;
  /** A ratio or a measured series, by name. */
  readonly of: string;
}

const WISHES: readonly Wish[] = [
  { what: 'S1 in Chromium, of the bare kernel', at: 'least', value: 0.8, of: 's1_browser_of_ceiling' },
  { what: 'S1 in Chromium, times as fast as PyTorch', at: 'least', value: 1, of: 's1_browser_vs_pytorch' },
  { what: 'S1 native, times as fast as PyTorch', at: 'least', value: 2.5, of: 's1_native_vs_pytorch' },
  {
    what: 'lens in Chromium, times as fast as onnxruntime-web float32',
    at: 'least',
    value: 2,
    of: 'lens_browser_vs_ort_f32',
  },
  {
    what: 'lens in Chromium, times as fast as onnxruntime-web int8',
    at: 'least',
    value: 1,
    of: 'lens_browser_vs_ort_int8',
  },
  {
    what: 'lens native, times as fast as onnxruntime-node float32',
    at: 'least',
    value: 1.5,
    of: 'lens_native_vs_ort_node_f32',
  },
  { what: 'entropy error, nats (mean)', at: 'most', value: 1e-3, of: 's1/ours/entropy error' },
  { what: 'first analysis after load, of a warm one', at: 'most', value: 1.3, of: 'cold_over_warm' },
  { what: 'two threads, times as fast as one', at: 'least', value: 1.8, of: 'thread2_speedup' },
  { what: 'loading natively, GB/s', at: 'least', value: 1, of: 'load_gbps_native' },
  { what: 'loading a stored model in Chromium, GB/s', at: 'least', value: 0.5, of: 'load_gbps_browser' },
  {
    what: 'loading from disk in Chromium, SHA-256 included, GB/s',
    at: 'least',
    value: 0.5,
    of: 'load_gbps_browser_disk',
  },
  { what: 'memory a point, bytes', at: 'most', value: 8192, of: 'bytes_per_point' },
  { what: 'memory over weights and 8 KB a point, S1 native, MB', at: 'most', value: 64, of: 'native spare' },
  { what: 'the same in Chromium (WebAssembly memory), MB', at: 'most', value: 64, of: 'browser spare' },
  { what: 'first paint, s', at: 'most', value: 1, of: 'page/first paint' },
  { what: 'fetched before a model, KB compressed', at: 'most', value: 500, of: 'kilobytes' },
];

function judge(wish: Wish, measured: number | null): Goal {
  const { what, at, value } = wish;
  const met = measured === null ? null : at === 'least' ? measured >= value : measured <= value;
  return { what, wanted: `at ${at} ${value}`, measured, met };
}

/** `native` and `browser` are the names of the contenders that the goals are about. */
export function goalsOf(ratios: Ratios, samples: Samples, native: string, browser: string): Goal[] {
  const scaled = (series: string, scale: number): number | null => {
    const spread = samples.spread(series);
    return spread === null ? null : spread.median * scale;
  };
  const derived: Readonly<Record<string, number | null>> = {
    'native spare': scaled(`${native}/spare`, 1e-6),
    'browser spare': scaled(`${browser}/spare`, 1e-6),
    kilobytes: scaled('page/bytes before a model', 1e-3),
  };
  return WISHES.map((wish) => {
    const spread = ratios[wish.of] ?? samples.spread(wish.of);
    return judge(wish, derived[wish.of] ?? spread?.median ?? null);
  });
}
