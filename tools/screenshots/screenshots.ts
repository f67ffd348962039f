import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { chromium, type Page } from 'playwright-core';

import { startGitea } from '../../test/support/gitea.ts';
import { bundle } from '../bundle.ts';
import { root } from '../files.ts';
import { frontEnd } from './front-end.ts';
import { changed, openReviewedPull } from './team.ts';

/*
 * Pictures of a reviewed pull request for docs/guides/review.md, made from a real Gitea with its own front end. Needs Go, a
 * C compiler and Chromium (`CHROMIUM`, else /usr/bin/chromium): `node tools/screenshots/screenshots.ts`.
 */

/* Nothing of the person who makes them stands in the pictures. */
Object.assign(process.env, {
  ...{ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  ...{ GIT_AUTHOR_NAME: 'Ben', GIT_AUTHOR_EMAIL: 'ben@example.test' },
  ...{ GIT_COMMITTER_NAME: 'Ben', GIT_COMMITTER_EMAIL: 'ben@example.test' },
});

const images = join(root, 'docs/images');
const margin = 16;
const sandbox = 'megapay/Sandbox { merchantId: M-77-T }';
const { file, liveFile, live, coffee } = changed;

const folder = await mkdtemp(join(tmpdir(), 'fairlead-screenshots-'));
const cli = join(folder, 'dist', 'fairlead.js');
await bundle(join(folder, 'dist'));
const gitea = await startGitea({ staticRoot: await frontEnd() });
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  const page = await browser.newPage({
    viewport: { width: 1180, height: 1400 },
    colorScheme: 'light',
  });
  const pull = await openReviewedPull({ gitea, cli, folder });
  const address = `${gitea.url}/acme/wallets/pulls/${String(pull.number)}`;
  try {
    const wrong = coffee(sandbox, 'megapay/Production { merchantID: M-88 }');
    await pull.push({ [file]: wrong });
    await page.goto(address);
    await shoot(page, '.code-comments-list, .conversation-holder', 'review-line.png');

    const right = coffee(sandbox, 'megapay/Production { merchantId: M-88 }');
    const id = await pull.push({ [file]: right, [liveFile]: live.replace('M-12', 'M-13') });
    await page.goto(address);
    // Gitea looks for conflicts when it likes.
    while (await page.getByText('Checking for merge conflicts').count()) await page.reload();
    await shoot(page, `#issuecomment-${String(id)}`, 'review-comment.png');
    await shoot(page, '.pull-merge-box, .merge.box', 'review-statuses.png');
  } finally {
    pull.close();
  }
} finally {
  await browser.close();
  await gitea.stop();
  await rm(folder, { recursive: true, force: true });
}

async function shoot(page: Page, selector: string, name: string): Promise<void> {
  const found = page.locator(selector).first();
  await found.waitFor();
  const box = await found.boundingBox();
  if (box === null) throw new Error(`${selector} is not to be seen`);
  const clip = {
    ...{ x: box.x - margin, y: box.y - 2 },
    ...{ width: box.width + 2 * margin, height: box.height + 4 },
  };
  const path = join(images, name);
  await page.screenshot({ path, clip, fullPage: true, animations: 'disabled' });
  console.log(`docs/images/${name}`);
}
