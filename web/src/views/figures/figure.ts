/** What a figure consists of. Pure: numbers in, a description of the chart and its table twin out. */
import type { Chart, ChartConfiguration } from 'chart.js';
import type { Link } from '../../state/app.ts';

/** Colours and faces of the page that canvases are drawn with. */
export interface Inks {
  readonly ink: string;
  readonly muted: string;
  readonly rule: string;
  readonly ground: string;
  readonly soft: string;
  readonly sans: string;
  readonly mono: string;
}

/** An element of a chart under the pointer. */
export interface At {
  readonly dataset: number;
  readonly index: number;
}

export interface Plan {
  readonly config: ChartConfiguration;
  /** What the rest of the page should mark for the element under the pointer. */
  readonly linkOf: (at: At) => Link;
  /** Labels and intervals, drawn over the data. */
  readonly annotate: (chart: Chart) => void;
  /** The part of the link that `mark` shows; the chart is drawn again only when it changes. */
  readonly marks: keyof Link;
  /** What another figure points at, drawn over everything. */
  readonly mark: (chart: Chart, link: Link) => void;
}

export interface FigureContent {
  readonly title: string;
  readonly sub: string;
  /** For file names. */
  readonly name: string;
  readonly height: number;
  readonly draw: (inks: Inks) => Plan;
  readonly table: {
    readonly caption: string;
    readonly columns: readonly string[];
    readonly rows: readonly (readonly string[])[];
  };
}

/** A chart that is on the page. */
export interface Drawing {
  readonly mark: (link: Link) => void;
  readonly destroy: () => void;
}
