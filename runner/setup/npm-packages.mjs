/** Whether node_modules holds what package-lock.json says: by content, since times say nothing after a clone or a copy. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The packages that are not there at the version locked. Optional ones are left out: they differ between platforms. */
export function missingNpmPackages(root) {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(lock.packages)
    .filter(([place, entry]) => place !== '' && !entry.optional && !entry.devOptional)
    .filter(([place, entry]) => versionAt(path.join(root, place)) !== entry.version)
    .map(([place]) => place.replace(/^node_modules\//, ''));
}

function versionAt(dir) {
  const file = path.join(dir, 'package.json');
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')).version;
  } catch {
    // Half a file is what an install that was killed leaves.
    return undefined;
  }
}
