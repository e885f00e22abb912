@description('The settings of ago-backup that are no secrets, as README.md has them. Secrets go into the vault.')
@export()
@sealed()
type settingsOf = {
  @description('Portal root; Enterprise: https://host/portal')
  @minLength(12)
  ARCGIS_PORTAL_URL: string?
  @description('What a partial run pings.')
  HEALTHCHECKS_PARTIAL: ('fail' | 'success')?
  @description('NCRONTAB with six fields, UTC')
  @minLength(11)
  BACKUP_SCHEDULE: string?
  @description('Items with one of these tags are left out; comma-separated')
  BACKUP_SKIP_TAGS: string?
  @description('Items of these types are left out; comma-separated')
  BACKUP_SKIP_TYPES: string?
  @description('Members to back up; comma-separated, * allowed')
  BACKUP_USERS: string?
  @description('Members to leave out; comma-separated, * allowed')
  BACKUP_SKIP_USERS: string?
  @description('Lanes: members or items at a time over the whole run')
  @minValue(1)
  @maxValue(64)
  BACKUP_CONCURRENCY: int?
  @description('Minutes for one export, fractions allowed, as text')
  @minLength(1)
  BACKUP_EXPORT_TIMEOUT: string?
  @description('Bytes; larger parts become Git LFS objects')
  @minValue(1024)
  @maxValue(104857600)
  BACKUP_LFS_THRESHOLD: int?
  @description('Share of the archive that one run may remove, 0 to 1, as text')
  @minLength(1)
  @maxLength(6)
  BACKUP_PRUNE_LIMIT: string?
  @description('Days within which small parts of unchanged items are read again; 0 = never')
  @minValue(0)
  @maxValue(365)
  BACKUP_RECHECK_DAYS: int?
}
