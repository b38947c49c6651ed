// Looks at the status page as a person does: node look.mjs URL SCREENSHOTS TARGET. Worst first, drill-down, transcript,
// filter, dark mode, 360 px without sideways scroll, no word on the console, and axe-core finds no serious fault.
// CHROMIUM names the browser. Exit code 1 with one line per complaint.
import { createRequire } from 'node:module';
import { readFileSync, mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [url, pictures, target] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const complaints = [];
const views = [
  { name: 'desk-light', width: 1280, colorScheme: 'light' },
  { name: 'desk-dark', width: 1280, colorScheme: 'dark' },
  { name: 'phone-light', width: 360, colorScheme: 'light' },
  { name: 'phone-dark', width: 360, colorScheme: 'dark' },
];
const wanted = (condition, words) => condition || complaints.push(words);

async function lookAt(page, view, name) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  wanted(wide <= 0, `${name}, ${view.name}: ${wide} px wider than the screen`);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run());
  for (const fault of violations.filter((one) => ['serious', 'critical'].includes(one.impact)))
    complaints.push(`${name}, ${view.name}: axe: ${fault.id}: ${fault.help}: ${fault.nodes[0].html.slice(0, 120)}`);
  await page.screenshot({ path: `${pictures}/${name}-${view.name}.png`, fullPage: true });
}

async function visit(browser, view) {
  // axe has to be put into the page, which the page's own policy forbids.
  const context = await browser.newContext({
    viewport: { width: view.width, height: 900 }, colorScheme: view.colorScheme, bypassCSP: true });
  const page = await context.newPage();
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`script: ${error}`));
  page.on('dialog', (dialog) => { complaints.push('a dialog opened'); dialog.dismiss(); });

  await page.goto(`${url}/`);
  const ranks = await page.$$eval('.case', (all) => all.map((one) => (one.classList.contains('bad') ? 0 : 1)));
  wanted(ranks.length > 0 && ranks.every((rank, i) => i === 0 || ranks[i - 1] <= rank), 'the worst is not first');
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  wanted((ground === 'rgb(255, 255, 255)') === (view.colorScheme === 'light'), `${view.name}: the ground is ${ground}`);
  const rows = await page.$$eval('tbody tr', (all) => all.map((one) => one.textContent));
  for (const [who, what] of [['plaintext.example', 'spf'], ['192.0.2.11', 'reverse DNS'], ['192.0.2.10', 'inhouse']])
    wanted(rows.some((row) => row.includes(who) && row.includes(what)), `no row tells of ${who} and ${what}`);
  await lookAt(page, view, 'status');

  await page.selectOption('#verdict', 'ok');
  await page.click('form button');
  await page.waitForURL(/verdict=ok/);
  wanted((await page.$$('.case')).length === 0 && (await page.$$('.well li')).length > 0, 'the filter shows others');

  await page.goto(`${url}/`);
  await page.click(`a:text-is("${target}")`);
  await page.waitForURL(/targets/);
  wanted((await page.textContent('h1')) === target, 'the link leads to another page');
  for (const words of await page.$$('details > summary')) await words.click();
  wanted((await page.locator('.log li').count()) > 0, 'no transcript');
  wanted(await page.locator('.log li').first().isVisible(), 'the transcript does not open');
  await lookAt(page, view, 'target');
  await page.click('a[href*="/causes/"]');
  await page.waitForURL(/causes/);
  await lookAt(page, view, 'cause');
  await context.close();
}

mkdirSync(pictures, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  for (const view of views) await visit(browser, view);
} finally {
  await browser.close();
}
for (const complaint of new Set(complaints)) console.error(complaint);
process.exit(complaints.length > 0 ? 1 : 0);
