// The annotations dashboard_url of alerts: each leads to a dashboard that exists, and sets variables that it has.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Dashboard } from './shapes.js';

export function deadLinks(rules: string, dashboards: Dashboard[]): string[] {
  const files = readdirSync(rules).filter((name) => name.endsWith('.yml'));
  const text = files.map((name) => readFileSync(join(rules, name), 'utf8')).join('\n');
  const links = [...new Set([...text.matchAll(/dashboard_url:.*?\/d\/(.*)$/gm)].map(([, link]) => link!))];
  return links.flatMap((link) => {
    const [uid, query = ''] = link.split('?');
    const found = dashboards.find((dashboard) => dashboard.uid === uid!.trim().replace(/["']$/, ''));
    if (!found) return [`alerts link to ${link}, which is no dashboard`];
    const variables = [...query.matchAll(/var-(\w+)=/g)].map(([, name]) => name!);
    return variables
      .filter((name) => !found.templating.list.some((each) => each.name === name))
      .map((name) => `alerts link to ${link}, which has no variable ${name}`);
  });
}
