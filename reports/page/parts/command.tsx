import { useEffect, useRef, useState } from 'preact/hooks';
import { visible } from '../model/visible.ts';

const DONE_FOR_MS = 2000;

/** What to type, and a button that copies it: what is copied is what is seen. */
export function Command({ text, what }: { text: string; what: string }) {
  const code = useRef<HTMLElement>(null);
  const [said, setSaid] = useState('');
  const shown = visible(text);
  useEffect(() => {
    if (said === '') return;
    const timer = setTimeout(() => setSaid(''), DONE_FOR_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(shown);
      setSaid('copied');
    } catch {
      if (code.current) getSelection()?.selectAllChildren(code.current);
      setSaid('selected');
    }
  };
  return (
    <div class="command">
      <code ref={code} dir="ltr">
        {shown}
      </code>
      <button type="button" class="small" onClick={copy} aria-label={`Copy ${what}`}>
        {said || 'copy'}
      </button>
      <span class="unseen" role="status">
        {said}
      </span>
    </div>
  );
}
