// Loaded before a measured program: writes what the process used, all threads and its start included, to descriptor 3.
import { writeSync } from 'node:fs';
import process from 'node:process';

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeSync(
    3,
    JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, maxRssMiB: maxRSS / 1024 }),
  );
});
