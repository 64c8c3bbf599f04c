import { useEffect, useState } from 'preact/hooks';

export function useDark(): boolean {
  const [isDark, setDark] = useState(() => query().matches);
  useEffect(() => {
    const asked = query();
    const follow = (): void => setDark(asked.matches);
    asked.addEventListener('change', follow);
    return () => asked.removeEventListener('change', follow);
  }, []);
  return isDark;
}

const query = (): MediaQueryList => matchMedia('(prefers-color-scheme: dark)');
