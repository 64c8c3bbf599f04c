import type { ComponentChildren } from 'preact';
import { fileHref } from '../model/file-href.ts';
import { Text } from './text.tsx';

interface Props {
  file: string;
  /** The file's name, where left out. */
  children?: ComponentChildren;
}

export function FileLink({ file, children }: Props) {
  const href = fileHref(file);
  if (href === null) return <Text of={file} />;
  return <a href={href}>{children ?? <Text of={file} />}</a>;
}
