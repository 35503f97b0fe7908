/** What workers have and Node has not: a Blob that is read at once. */

/** As much of a Blob as the engine asks for; its stream is what the test says. */
export class TestBlob {
  readonly size: number;
  readonly bytes: Uint8Array;
  readonly stream: () => ReadableStream<Uint8Array>;

  constructor(bytes: Uint8Array, stream = (): ReadableStream<Uint8Array> => new ReadableStream()) {
    this.size = bytes.length;
    this.bytes = bytes;
    this.stream = stream;
  }

  slice(start: number, end: number): { bytes: Uint8Array } {
    return { bytes: this.bytes.subarray(start, end) };
  }
}

/** In the place of FileReaderSync. */
export class TestReader {
  readAsArrayBuffer({ bytes }: { bytes: Uint8Array }): ArrayBuffer {
    return new Uint8Array(bytes).buffer;
  }
}
