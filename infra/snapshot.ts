import { bicep } from './compiler.ts';

/** Writes infra/main.snapshot.json anew: what a review looks at when resources change. */
bicep(
  'snapshot',
  'main.bicepparam',
  '--mode',
  'overwrite',
  '--subscription-id',
  '00000000-0000-0000-0000-000000000000',
  '--resource-group',
  'rg',
  '--location',
  'westeurope',
);
