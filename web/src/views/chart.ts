/** The one module that runs Chart.js. It registers what the figures use and nothing else. */
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from 'chart.js';
import { MatrixController, MatrixElement } from 'chartjs-chart-matrix';
import type { Link } from '../state/app.ts';
import type { Drawing, Plan } from './figures/figure.ts';

Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  LinearScale,
  LineController,
  LineElement,
  MatrixController,
  MatrixElement,
  PointElement,
  Tooltip,
);

export function createChart(canvas: HTMLCanvasElement, plan: Plan, onLink: (link: Link) => void): Drawing {
  let link: Link = {};
  let frame = 0;
  const { config } = plan;
  const chart = new Chart(canvas, {
    ...config,
    options: {
      ...config.options,
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      onHover: (_event, [element]) => {
        onLink(
          element === undefined ? {} : plan.linkOf({ dataset: element.datasetIndex, index: element.index }),
        );
      },
    },
    plugins: [
      {
        id: 'over',
        afterDatasetsDraw: (drawn: Chart) => {
          plan.annotate(drawn);
          plan.mark(drawn, link);
        },
      },
    ],
  });
  const leave = (): void => {
    onLink({});
  };
  canvas.addEventListener('mouseleave', leave);
  return {
    mark(next) {
      const same = next[plan.marks] === link[plan.marks];
      link = next;
      if (same) return;
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        chart.draw();
      });
    },
    destroy() {
      cancelAnimationFrame(frame);
      canvas.removeEventListener('mouseleave', leave);
      chart.destroy();
    },
  };
}
