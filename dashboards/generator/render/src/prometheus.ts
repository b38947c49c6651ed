// Asks Prometheus what a panel asks, with the dashboard's variables filled in, and gives Grafana's data frames back.
import { DataFrame, FieldType, Labels, dateTime, toDataFrame } from '@grafana/data';

export interface View {
  from: number; // ms
  to: number;
  step: number; // s
  variables: Record<string, string>;
}

export const timeRangeOf = ({ from, to }: View) => ({ from: dateTime(from), to: dateTime(to), raw: { from: dateTime(from), to: dateTime(to) } });

const filledIn = (text: string, { variables }: View) =>
  text.replace(/\$(\w+)/g, (whole, name) => variables[name] ?? whole);

async function ask(path: string, parameters: Record<string, string | number>): Promise<any> {
  const query = new URLSearchParams(Object.entries(parameters).map(([key, value]) => [key, String(value)]));
  const answer = await (await fetch(`/prometheus/api/v1/${path}?${query}`)).json();
  if (answer.status !== 'success') throw new Error(`${answer.error}: ${parameters.query}`);
  return answer.data;
}

const named = (format: string, labels: Labels) => format.replace(/\{\{(\w+)\}\}/g, (_, name) => labels[name] ?? '').trim();

export async function frameOfEachSeries(target: any, view: View): Promise<DataFrame[]> {
  const query = filledIn(target.expr, view);
  const data = await (target.instant
    ? ask('query', { query, time: view.to / 1000 })
    : ask('query_range', { query, start: view.from / 1000, end: view.to / 1000, step: view.step }));
  return data.result.map(({ metric, value, values = [value] }: any) =>
    toDataFrame({
      refId: target.refId,
      fields: [
        { name: 'Time', type: FieldType.time, config: { interval: view.step * 1000 }, values: values.map(([time]: any) => time * 1000) },
        {
          name: 'Value',
          type: FieldType.number,
          labels: metric,
          values: values.map(([, number]: any) => Number(number)),
          config: { displayNameFromDS: named(target.legendFormat ?? '', metric) || ' ' },
        },
      ],
    }),
  );
}

/// One row per series, as Grafana makes of `format: table`.
export async function tableFrame(target: any, view: View, several: boolean): Promise<DataFrame> {
  const { result } = await ask('query', { query: filledIn(target.expr, view), time: view.to / 1000 });
  const labels = [...new Set<string>(result.flatMap(({ metric }: any) => Object.keys(metric)))].sort();
  return toDataFrame({
    refId: target.refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: result.map(({ value }: any) => value[0] * 1000) },
      ...labels.map((label) => ({ name: label, type: FieldType.string, values: result.map(({ metric }: any) => metric[label] ?? '') })),
      { name: several ? `Value #${target.refId}` : 'Value', type: FieldType.number, values: result.map(({ value }: any) => Number(value[1])) },
    ],
  });
}

/// What "All" stands for in a variable without a value of its own for it.
export async function valuesOf(label: string, selector: string, view: View): Promise<string> {
  const values: string[] = await ask(`label/${label}/values`, { 'match[]': filledIn(selector, view), start: view.from / 1000, end: view.to / 1000 });
  return values.map((value) => value.replace(/\./g, '\\\\.')).join('|') || 'none';
}
