/** Whether a model fits: what it needs, from its header, against what WebAssembly and the device have. */
import type { ModelInfo } from '@core';
import { bytes } from './format.ts';

const GIB = 1024 ** 3;
/** WebAssembly addresses its memory with 32 bits. */
export const ADDRESSABLE = 4 * GIB;
/** The engine itself, its buffers, and what a growing heap leaves unused. */
const ENGINE = 64 * 1024 ** 2;
/** A fit is stated for a text of this many tokens, or of the model's context where that is shorter. */
const STATED_TOKENS = 512;
/** Above this share of the room there is, other tabs and a longer text decide whether it works. */
const TIGHT = 0.7;

/** What of a header's facts the prediction rests on. */
export type Demand = Pick<ModelInfo, 'context' | 'resident' | 'session_base' | 'session_position'>;

export interface MemoryNeed {
  /** Weights and vocabulary. */
  readonly weights: number;
  /** Residual stream, attention and lens tiles, for a text of `tokens`. */
  readonly text: number;
  readonly engine: number;
  readonly total: number;
  readonly tokens: number;
}

export interface MemoryRoom {
  readonly bytes: number;
  readonly limit: 'wasm' | 'device';
}

export interface MemoryVerdict {
  readonly fits: 'yes' | 'tight' | 'no';
  readonly need: MemoryNeed;
  readonly room: MemoryRoom;
  /** One sentence with the numbers. */
  readonly sentence: string;
}

export function memoryNeed(info: Demand, tokens = Math.min(info.context, STATED_TOKENS)): MemoryNeed {
  const text = info.session_base + tokens * info.session_position;
  return { weights: info.resident, text, engine: ENGINE, total: info.resident + text + ENGINE, tokens };
}

/** `deviceGib` is navigator.deviceMemory: rounded, capped, and absent in some browsers. */
export function memoryRoom(deviceGib: number | null): MemoryRoom {
  const device = deviceGib === null ? Infinity : deviceGib * GIB;
  return device < ADDRESSABLE ? { bytes: device, limit: 'device' } : { bytes: ADDRESSABLE, limit: 'wasm' };
}

export function judgeMemory(info: Demand, deviceGib: number | null): MemoryVerdict {
  const need = memoryNeed(info);
  const room = memoryRoom(deviceGib);
  const share = need.total / room.bytes;
  const fits = share > 1 ? 'no' : share > TIGHT ? 'tight' : 'yes';
  return { fits, need, room, sentence: inWords(fits, need, room) };
}

function inWords(fits: MemoryVerdict['fits'], need: MemoryNeed, room: MemoryRoom): string {
  const wants = `${bytes(need.total)} of memory for a text of ${need.tokens} tokens`;
  const has =
    room.limit === 'wasm'
      ? `WebAssembly addresses ${bytes(room.bytes)}`
      : `this device has about ${bytes(room.bytes)}`;
  if (fits === 'no') return `It needs ${wants}, and ${has}.`;
  if (fits === 'tight') return `It needs ${wants}, and ${has}: close other tabs, and keep the text short.`;
  return `It needs ${wants}; ${has}.`;
}
