import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { runInThisContext } from 'node:vm';

/** The columns that the queries may use. https://learn.microsoft.com/azure/azure-monitor/reference/tables-category */
const tables = {
  AppTraces: '(TimeGenerated: datetime, Message: string, SeverityLevel: int, OperationName: string)',
  AppRequests: '(TimeGenerated: datetime, Name: string, DurationMs: real, Success: bool)',
  AzureMetrics: '(TimeGenerated: datetime, MetricName: string, Average: real, Total: real)',
  StorageBlobLogs:
    '(TimeGenerated: datetime, OperationName: string, StatusCode: string, StatusText: string, ObjectKey: string)',
  AZKVAuditLogs: '(TimeGenerated: datetime, OperationName: string, HttpStatusCode: int, ResultType: string)',
};

/** What is used here of Microsoft's own parser of the language, which is a script that makes a global and not a module. */
interface Kusto {
  Symbols: {
    TableSymbol: { $ctor7: new (name: string, schema: string, description: null) => object };
    DatabaseSymbol: { $ctor1: new (name: string, members: object[]) => object };
  };
  GlobalState: { Default: { WithDatabase(database: object): object } };
  KustoCode: { ParseAndAnalyze(text: string, globals: object): { GetDiagnostics(): Diagnostics } };
}
interface Diagnostics {
  Count: number;
  getItem(at: number): { Severity: string; Message: string };
}

let loaded: { kusto: Kusto; globals: object } | undefined;

function load() {
  if (loaded !== undefined) return loaded;
  const resolve = createRequire(import.meta.url).resolve;
  for (const name of ['bridge.min.js', 'Kusto.Language.Bridge.min.js']) {
    const filename = resolve(`@kusto/language-service-next/${name}`);
    runInThisContext(readFileSync(filename, 'utf8'), { filename });
  }
  const kusto = (globalThis as unknown as { Kusto: { Language: Kusto } }).Kusto.Language;
  const { TableSymbol, DatabaseSymbol } = kusto.Symbols;
  const members = Object.entries(tables).map(([name, schema]) => new TableSymbol.$ctor7(name, schema, null));
  const globals = kusto.GlobalState.Default.WithDatabase(new DatabaseSymbol.$ctor1('workspace', members));
  return (loaded = { kusto, globals });
}

/** What Kusto has to say against a query over the tables above: nothing, when it would run. */
export function complaints(query: string): string[] {
  const { kusto, globals } = load();
  const found = kusto.KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
  return Array.from({ length: found.Count }, (_, at) => `${found.getItem(at).Severity}: ${found.getItem(at).Message}`);
}
