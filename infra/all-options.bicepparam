using 'main.bicep'

// Every parameter and every setting there is, as an example and for the test; main.bicepparam is what people deploy.
param name = 'gisbackup'
param location = 'westeurope'
param settings = {
  ARCGIS_PORTAL_URL: 'https://gis.example.com/portal'
  ARCHIVE_LARGE_FILES: 'app'
  HEALTHCHECKS_PARTIAL: 'success'
  BACKUP_SCHEDULE: '0 30 1 * * *'
  VERIFY_SCHEDULE: '0 0 13 * * 6'
  BACKUP_SKIP_TAGS: 'ago_view,no_backup'
  BACKUP_SKIP_TYPES: 'Code Attachment'
  BACKUP_SKIP_GROUPS: 'Scratch'
  BACKUP_USERS: '*'
  BACKUP_SKIP_USERS: 'test_*'
  BACKUP_CONCURRENCY: 16
  BACKUP_EXPORTS: 32
  BACKUP_EXPORT_TIMEOUT: 120
  BACKUP_LFS_THRESHOLD: 1048576
  BACKUP_PRUNE_LIMIT: '0.1'
  BACKUP_RECHECK_DAYS: 14
  BACKUP_WARN_ROWS_LOST: '0.3'
  BACKUP_KEEP: 730
  RESTORE_PORTAL_URL: 'https://gis2.example.com/portal'
  RESTORE_RATE: 4
  RESTORE_DRILL_SCHEDULE: '0 0 15 1 * *'
  RESTORE_DRILL_ITEMS: 8
}
param alarmEmail = 'gis-admins@example.com'
param archive = {
  keepDays: 180
  coldAfterDays: 60
  immutableDays: 30
  redundancy: 'Standard_GZRS'
  deleteLock: true
}
param readers = ['11111111-1111-1111-1111-111111111111']
param entra = {
  clientId: '22222222-2222-2222-2222-222222222222'
  tenantId: '33333333-3333-3333-3333-333333333333'
}
param privateNetwork = true
param durableTaskScheduler = true
param plan = 'dedicated'
