import { atMost, exactly, type Measure } from './measure.ts';
import { serve } from './process.ts';
import { inFolder } from './process.ts';

interface Report {
  readonly records: number;
  readonly pages: number;
  readonly maxRssMiB: number;
}

const records = 100_000;
const pageSize = 1000;

/** The emulator serves 100,000 releases in pages of 1,000 within 300 MB. */
export const emulator: Measure = () =>
  inFolder(async () => {
    const { ready, stop } = await serve<Report>('serve-many.ts', [
      String(records),
      String(pageSize),
    ]);
    await stop();
    return [
      exactly(records / pageSize, {
        id: 'EMU',
        what: 'pages that list 100,000 releases',
        value: ready.pages,
        unit: 'pages',
      }),
      atMost(300, {
        id: 'EMU',
        what: 'emulator serving 100,000 releases, peak memory',
        value: ready.maxRssMiB,
        unit: 'MiB',
      }),
    ];
  });
