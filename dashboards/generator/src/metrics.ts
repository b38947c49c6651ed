// Which metrics and labels exist: by a scrape of a running exporter, and by the tables in its source, since some series
// appear only in worlds that are broken in a certain way.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/// The labels of each series that a scrape shows, by the name of the metric (`_bucket` and the like included).
export function labelsInScrape(text: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [, name, labels] of text.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/gm)) {
    const known = found.get(name!) ?? new Set(['job', 'instance', 'vantage']);
    for (const [, label] of (labels ?? '').matchAll(/([a-zA-Z_]\w*)="(?:[^"\\]|\\.)*"/g)) known.add(label!);
    found.set(name!, known);
  }
  return found;
}

/// The names of metrics in the exporter's own tables: `{{"name", Type::gauge, …` in lines_*.cpp, "mxhealth_…" in own.cpp.
export function namesInSource(directory: string): Set<string> {
  const names = new Set<string>();
  for (const file of readdirSync(directory).filter((name) => name.endsWith('.cpp'))) {
    const text = readFileSync(join(directory, file), 'utf8');
    for (const [, name, type] of text.matchAll(/\{\{"(\w+)",\s*Type::(\w+)/g)) add(names, `mxhealth_${name}`, type === 'histogram');
    for (const [, name] of text.matchAll(/"((?:mxhealth|process)_\w+)"/g)) add(names, name!, false);
  }
  return names;
}

function add(names: Set<string>, name: string, histogram: boolean): void {
  if (!histogram) names.add(name);
  else for (const part of ['bucket', 'sum', 'count']) names.add(`${name}_${part}`);
}

/// What Prometheus makes by itself.
const ofPrometheus = new Set(['up', 'ALERTS', 'scrape_duration_seconds', 'scrape_samples_scraped']);

/// Complaints about selectors whose metric is in neither, or whose matchers use a label that the scraped metric lacks.
export function strangers(expression: string, scrape: Map<string, Set<string>>, source: Set<string>): string[] {
  const wrong: string[] = [];
  for (const [, selected, matchers = '', bare] of expression.matchAll(/([a-zA-Z_:][\w:]*)\{([^}]*)\}|\b(mxhealth_\w+)/g)) {
    const name = selected ?? bare;
    if (ofPrometheus.has(name!)) continue;
    const labels = scrape.get(name!);
    if (!labels && !source.has(name!)) wrong.push(`${name} is neither scraped nor in the exporter's tables`);
    if (!labels) continue;
    for (const [, label] of matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)) {
      if (!labels.has(label!)) wrong.push(`${name} has no label ${label}`);
    }
  }
  return wrong;
}
