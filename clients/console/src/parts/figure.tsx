import type { ComponentChildren } from 'preact';

export interface FigureProps {
  readonly label: string;
  readonly children: ComponentChildren;
  readonly title?: string;
  readonly isBad?: boolean;
}

/** A number with what it is. In a `<dl class="figures">`. */
export function Figure({ label, children, title, isBad = false }: FigureProps) {
  return (
    <div class={isBad ? 'figure is-bad' : 'figure'} title={title}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
