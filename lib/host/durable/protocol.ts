/**
 * The JSON protocol between the Durable extension and durable-functions v3: history in, actions out. Numbers and names are
 * those of durable-functions 3.5.0 (lib/src/history/HistoryEventType.js, lib/src/actions/ActionType.js).
 */

/** Kinds of history events. */
export const eventType = {
  executionStarted: 0,
  taskScheduled: 4,
  taskCompleted: 5,
  taskFailed: 6,
  subCreated: 7,
  subCompleted: 8,
  subFailed: 9,
  timerCreated: 10,
  timerFired: 11,
  orchestratorStarted: 12,
  orchestratorCompleted: 13,
  eventRaised: 15,
} as const;

/** Kinds of actions that are played here; entities, locks and callHttp are not. */
export const actionType = {
  callActivity: 0,
  callActivityWithRetry: 1,
  callSub: 2,
  callSubWithRetry: 3,
  continueAsNew: 4,
  createTimer: 5,
  waitForEvent: 6,
  whenAny: 11,
  whenAll: 12,
} as const;

/** One thing that happened to an orchestration. */
export interface HistoryEvent {
  EventType: number;
  EventId?: number;
  /** ISO */
  Timestamp?: string;
  TaskScheduledId?: number;
  TimerId?: number;
  Name?: string;
  Input?: string;
  /** JSON */
  Result?: string;
  Reason?: string;
  Details?: string;
  InstanceId?: string;
  FireAt?: string;
  Version?: string;
  /** has the orchestrator seen it in an earlier turn? */
  IsPlayed?: boolean;
}

/** Retry options as the orchestrator gave them; times in ms. */
export interface RetryOptions {
  firstRetryIntervalInMilliseconds: number;
  maxNumberOfAttempts: number;
  backoffCoefficient?: number;
  maxRetryIntervalInMilliseconds?: number;
  retryTimeoutInMilliseconds?: number;
}

/** One thing an orchestrator wants. */
export interface Action {
  actionType: number;
  functionName?: string;
  input?: unknown;
  instanceId?: string;
  retryOptions?: RetryOptions;
  /** ISO */
  fireAt?: string;
  isCanceled?: boolean;
  externalEventName?: string;
  compoundActions?: Action[];
}

/** What an orchestrator answers at the end of each turn. */
export interface OrchestratorState {
  isDone: boolean;
  /** all actions since the beginning, in one list */
  actions: Action[][];
  output?: unknown;
  customStatus?: unknown;
  error?: string;
}

/** Separates a failure's message from the state in the message of an orchestrator's error (OrchestrationFailureError.js). */
export const outOfProcData = '\n\n$OutOfProcData$:';

/** What stands beside the history in every turn. Timers above 6 days are made of steps of 3 (as Azure Storage does it). */
export const turnConstants = {
  isReplaying: false,
  upperSchemaVersion: 2,
  upperSchemaVersionNew: 3,
  maximumShortTimerDuration: '6.00:00:00',
  longRunningTimerIntervalDuration: '3.00:00:00',
  defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
};
