/** Everything of the item; its definition, while the content lies elsewhere; nothing unless the settings say so. */
export type Coverage = 'all' | 'definition' | 'nothing';

/** Types that are treated alike, for one reason. */
export interface TypeRow {
  coverage: Coverage;
  /** where its content comes from: the item's file, its JSON, an export (or queries); none: the portal does not hold it */
  content: 'file' | 'json' | 'export' | 'none';
  /** a sentence for docs/coverage.md */
  why: string;
  types: readonly string[];
}

/** A chapter of docs/coverage.md. */
export interface TypeGroup {
  title: string;
  rows: readonly TypeRow[];
}

/** A row; the types as one text, with commas between them. */
export const row = (coverage: Coverage, content: TypeRow['content'], why: string, types: string): TypeRow => ({
  coverage,
  content,
  why,
  types: types.split(',').map((type) => type.trim()),
});
