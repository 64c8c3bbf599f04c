import { useContext } from 'preact/hooks';
import { type Page, PageContext } from './page-context.ts';

export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new Error('a part of the page stands outside of it');
  return page;
}
