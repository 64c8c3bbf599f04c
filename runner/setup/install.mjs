/** Gets what is missing; started by set-up under its lock, so what is missing is looked at once more. */
import { installDebian } from './apt-install.mjs';
import { installNewQemu } from './backports.mjs';
import { missingFor } from './index.mjs';
import { installNpm } from './npm-install.mjs';
import { EXIT_TROUBLE, SetupTrouble } from './trouble.mjs';

const words = process.argv.slice(2);

try {
  const { npm, debian, qemu } = missingFor(words, process.env);
  if (npm.length > 0) installNpm(npm, process.env);
  const isQemu = (item) => item.qemu || ['qemu-utils', 'seabios'].includes(item.package);
  // QEMU comes from the backports where those are newer; whatever they did not bring comes from the release itself.
  if (qemu.length > 0 || debian.some((item) => item.qemu)) {
    installNewQemu(
      [...new Set([...qemu, ...debian.filter(isQemu)].map((item) => item.package))],
      process.env,
    );
  }
  const left = missingFor(words, process.env).debian;
  if (left.length > 0) installDebian([...new Set(left.map((item) => item.package))], process.env);
} catch (error) {
  if (!(error instanceof SetupTrouble)) throw error;
  process.stderr.write(`photofinish: ${error.message}\n${error.hint ? `  ${error.hint}\n` : ''}`);
  process.exitCode = EXIT_TROUBLE;
}
