import { fileURLToPath } from 'node:url';

/** The folder that holds package.json, scenarios/, kernels/, native/: absolute, without a slash at its end. */
export const projectRoot = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
