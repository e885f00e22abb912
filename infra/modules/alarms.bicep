param name string
param location string
param insightsId string
param workspaceId string
param email string

var alarms = [
  {
    key: 'no-run'
    title: 'No backup has completed for 26 hours'
    severity: 0
    scope: insightsId
    window: 'PT26H'
    query: loadTextContent('../queries/no-run.kql')
  }
  {
    key: 'failed'
    title: 'A backup failed'
    severity: 1
    scope: insightsId
    window: 'PT1H'
    query: loadTextContent('../queries/failed.kql')
  }
  {
    key: 'partial'
    title: 'Items could not be saved'
    severity: 2
    scope: insightsId
    window: 'PT1H'
    query: loadTextContent('../queries/partial.kql')
  }
  {
    key: 'shrunk'
    title: 'The organization has shrunk by a fifth'
    severity: 1
    scope: insightsId
    window: 'P2D'
    query: loadTextContent('../queries/shrunk.kql')
  }
  {
    key: 'throttled'
    title: 'The portal limits the backup'
    severity: 3
    scope: insightsId
    window: 'PT6H'
    query: loadTextContent('../queries/throttled.kql')
  }
  {
    key: 'refused'
    title: 'Storage or vault refuse the backup'
    severity: 1
    scope: workspaceId
    window: 'PT1H'
    query: loadTextContent('../queries/refused.kql')
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${name}-people'
  location: 'global'
  properties: {
    groupShortName: 'agobackup'
    enabled: true
    emailReceivers: [{ name: 'mail', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alarm in alarms: {
    name: '${name}-${alarm.key}'
    location: location
    kind: 'LogAlert'
    properties: {
      displayName: alarm.title
      severity: alarm.severity
      enabled: true
      scopes: [alarm.scope]
      // Azure knows windows of one and two days beside shorter ones; the query itself says how far it looks back.
      evaluationFrequency: 'PT1H'
      windowSize: alarm.window == 'PT26H' || alarm.window == 'P2D' ? 'P2D' : alarm.window
      autoMitigate: true
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: alarm.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [people.id] }
    }
  }
]
