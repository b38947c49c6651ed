// State timelines and heatmaps. Grafana keeps these two in its server, not in a library, so they are drawn here, from the
// same frames, value mappings and colours: this judges queries, mappings and legends, not Grafana's own drawing.
import { DataFrame, GrafanaTheme2 } from '@grafana/data';
import React from 'react';
import type { View } from './prometheus';

const axis = 18;

function Times({ view, left, width, height, theme }: { view: View; left: number; width: number; height: number; theme: GrafanaTheme2 }) {
  const count = Math.max(2, Math.floor((width - left) / 110));
  return (
    <>
      {Array.from({ length: count }, (_, index) => {
        const share = (index + 0.5) / count;
        const at = new Date(view.from + share * (view.to - view.from)).toISOString().slice(11, 16);
        return (
          <text key={index} x={left + share * (width - left)} y={height - 4} fontSize={11} textAnchor="middle" fill={theme.colors.text.secondary}>
            {at}
          </text>
        );
      })}
    </>
  );
}

interface Drawn {
  frames: DataFrame[];
  view: View;
  width: number;
  height: number;
  theme: GrafanaTheme2;
}

export function Timeline({ frames, view, width, height, theme }: Drawn) {
  const names = frames.map((frame) => frame.fields[1].config.displayNameFromDS ?? '');
  const left = Math.min(width * 0.5, 14 + 7.3 * Math.max(...names.map((name) => name.length)));
  const row = Math.min(28, (height - axis) / frames.length);
  const x = (time: number) => left + ((time - view.from) / (view.to - view.from)) * (width - left);
  return (
    <svg width={width} height={height}>
      {frames.map((frame, line) => {
        const [times, values] = frame.fields;
        return (
          <g key={line}>
            <text x={left - 8} y={(line + 0.5) * row + 4} fontSize={Math.min(12, row)} textAnchor="end" fill={theme.colors.text.primary}>
              {names[line]}
            </text>
            {times.values.map((time: number, index: number) => (
              <rect key={index} x={x(time)} y={line * row + row * 0.1} width={x(time + view.step * 1000) - x(time) + 0.5} height={row * 0.8}
                fill={values.display!(values.values[index]).color} />
            ))}
          </g>
        );
      })}
      <Times {...{ view, left, width, height, theme }} />
    </svg>
  );
}

export function Heatmap({ frames, view, width, height, theme, unit }: Drawn & { unit: (value: number) => string }) {
  const edge = (frame: DataFrame) => Number(frame.fields[1].labels?.le?.replace('+Inf', 'Infinity'));
  const buckets = [...frames].sort((a, b) => edge(a) - edge(b));
  const countsAt = buckets.map((frame) => new Map<number, number>(frame.fields[0].values.map((time: number, i: number) => [time, frame.fields[1].values[i]])));
  const cells = buckets.map((_, index) =>
    [...countsAt[index].keys()].map((time) => ({ time, count: countsAt[index].get(time)! - (index ? (countsAt[index - 1].get(time) ?? 0) : 0) })),
  );
  const used = cells.map((line) => line.some(({ count }) => count > 0.01));
  const first = Math.max(0, used.indexOf(true) - 1);
  const last = Math.min(buckets.length - 1, used.lastIndexOf(true) + 1);
  const most = Math.max(...cells.flat().map(({ count }) => count), 1e-9);
  const [left, row] = [56, (height - axis) / (last - first + 1)];
  const x = (time: number) => left + ((time - view.from) / (view.to - view.from)) * (width - left);
  return (
    <svg width={width} height={height}>
      {cells.slice(first, last + 1).map((line, index) => (
        <g key={index}>
          <text x={left - 6} y={height - axis - (index + 1) * row + 10} fontSize={11} textAnchor="end" fill={theme.colors.text.secondary}>
            {unit(edge(buckets[first + index]))}
          </text>
          {line.filter(({ count }) => count > 0.01).map(({ time, count }) => (
            <rect key={time} x={x(time - view.step * 1000)} y={height - axis - (index + 1) * row + 0.5} height={row - 1}
              width={x(time) - x(time - view.step * 1000)} fill={`hsl(28 90% ${88 - 50 * Math.sqrt(count / most)}%)`} />
          ))}
        </g>
      ))}
      <Times {...{ view, left, width, height, theme }} />
    </svg>
  );
}
