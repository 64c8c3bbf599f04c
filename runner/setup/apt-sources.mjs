/**
 * A private apt beside the host's: its own source list, lists and caches, derived from the host's own sources, so that
 * no mirror is named in the project and none of the host's files changes. Pure; whoever uses it runs the programs.
 */
import path from 'node:path';

const DEFAULT_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The words after `apt-get` that print what parseIndexTargets reads. */
export const indexTargetsArgs = [
  'indextargets',
  '--format',
  '$(IDENTIFIER)|$(ORIGIN)|$(CODENAME)|$(REPO_URI)|$(SIGNED_BY)',
];

/** The host's Debian sources, one per suite. Fields that apt does not know come as `$(NAME)` or empty. */
export function parseIndexTargets(text) {
  const known = (value) => (value === undefined || value.startsWith('$(') ? '' : value.trim());
  const sources = new Map();
  for (const line of text.split('\n')) {
    const [identifier, origin, suite, uri, signedBy] = line.split('|').map(known);
    if (identifier !== 'Packages' || !/^Debian( Backports)?$/.test(origin) || !suite || !uri) continue;
    if (!sources.has(suite))
      sources.set(suite, { suite, uri, keyring: signedBy?.startsWith('/') ? signedBy : '' });
  }
  return [...sources.values()];
}

/** Where a suite is had: as the host says, or from the archive that the host's other suites of that kind come from. */
export function sourceOfSuite(sources, suite) {
  const kind = (name) => name.endsWith('-security');
  const found = sources.find((source) => source.suite === suite);
  const alike = sources.find((source) => kind(source.suite) === kind(suite));
  return found ?? (alike && { ...alike, suite });
}

/** One line of a sources.list. */
export function sourceLine(source, fileExists) {
  const keyring = source.keyring || (fileExists(DEFAULT_KEYRING) ? DEFAULT_KEYRING : '');
  return `deb ${keyring ? `[signed-by=${keyring}] ` : ''}${source.uri} ${source.suite} main\n`;
}

/**
 * The text of a private apt.conf. The host's own files are not read, because their hooks would act on the host; what
 * they say on how to reach the network (proxies) and how old a mirror may be is kept, from the words of
 * `apt-config dump`.
 */
export function aptConf(dump) {
  const network = dump.split('\n').filter((line) => /^Acquire::(https?|socks|proxy|check-)/i.test(line));
  const own = [
    'Dir::Etc::main "/dev/null";',
    'Dir::Etc::parts "/dev/null";',
    'Dir::Etc::sourceparts "/dev/null";',
    'APT::Sandbox::User "";',
    'Acquire::Languages "none";',
    'Acquire::Retries "2";',
    'Acquire::http::Timeout "20";',
    'Acquire::https::Timeout "20";',
  ];
  return `${[...network, ...own].join('\n')}\n`;
}

/** Options that keep apt inside a folder; with an arch it also stops looking at what the host has installed. */
export function privateAptArgs(dir, debianArch) {
  const options = {
    'Dir::Etc::sourcelist': path.join(dir, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State::lists': path.join(dir, 'lists'),
    'Dir::Cache': path.join(dir, 'cache'),
    'Dir::Cache::pkgcache': 'pkgcache.bin',
    'Dir::Cache::srcpkgcache': '',
    ...(debianArch && {
      'APT::Architecture': debianArch,
      'APT::Architectures': debianArch,
      'Dir::State::status': path.join(dir, 'status'),
    }),
  };
  return Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}
