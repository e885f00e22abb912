// What may stand in the parameters. Bounds are those of lib/settings/table.ts; a test says so.

@description('The settings of ago-backup that are no secrets, as docs/settings.md has them. Secrets go into the vault.')
@export()
@sealed()
type settingsOf = {
  @description('Portal root; Enterprise: https://host/portal')
  ARCGIS_PORTAL_URL: string?
  @description('Where a clone over HTTP fetches large files: direct or app; default direct, and app with privateNetwork')
  ARCHIVE_LARGE_FILES: ('direct' | 'app')?
  @description('What a partial run pings: fail or success')
  HEALTHCHECKS_PARTIAL: ('fail' | 'success')?
  @description('NCRONTAB with six fields (second minute hour day month weekday), UTC')
  BACKUP_SCHEDULE: string?
  @description('When the archive is verified: NCRONTAB with six fields, UTC')
  VERIFY_SCHEDULE: string?
  @description('Items with one of these tags are left out; comma-separated')
  BACKUP_SKIP_TAGS: string?
  @description('Items of these types are left out; comma-separated')
  BACKUP_SKIP_TYPES: string?
  @description('Items shared with groups of these titles are left out; comma-separated')
  BACKUP_SKIP_GROUPS: string?
  @description('Members to back up; comma-separated, * allowed')
  BACKUP_USERS: string?
  @description('Members to leave out; comma-separated, * allowed')
  BACKUP_SKIP_USERS: string?
  @description('Lanes: members or items at a time over the whole run')
  @minValue(1)
  @maxValue(64)
  BACKUP_CONCURRENCY: int?
  @description('Exports that the portal prepares at a time, while the lanes save other items')
  @minValue(1)
  @maxValue(64)
  BACKUP_EXPORTS: int?
  @description('Minutes for one export')
  @minValue(1)
  @maxValue(1440)
  BACKUP_EXPORT_TIMEOUT: int?
  @description('Bytes; larger parts become Git LFS objects')
  @minValue(1024)
  @maxValue(104857600)
  BACKUP_LFS_THRESHOLD: int?
  @description('Share of the archive that one run may remove, as text: 0, 0.2, 1')
  BACKUP_PRUNE_LIMIT: string?
  @description('Days within which small parts of unchanged items are read again; 0 = never')
  @minValue(0)
  @maxValue(365)
  BACKUP_RECHECK_DAYS: int?
  @description('Share of the rows of a layer whose loss in one night is a warning, for example 0.2')
  BACKUP_WARN_ROWS_LOST: string?
  @description('Days for which every commit is kept; of older ones the last of each month, then of each year; none = everything for ever')
  @minValue(1)
  @maxValue(36500)
  BACKUP_KEEP: int?
  @description('Portal to restore into, where that is another one: everything is made anew there')
  RESTORE_PORTAL_URL: string?
  @description('Writes a second of a restore; 0 = as fast as the portal answers')
  @minValue(0)
  @maxValue(1000)
  RESTORE_RATE: int?
  @description('When copies of some items are restored, compared and deleted, as a drill: NCRONTAB with six fields, UTC; none = no drill')
  RESTORE_DRILL_SCHEDULE: string?
  @description('Items of a drill')
  @minValue(1)
  @maxValue(100)
  RESTORE_DRILL_ITEMS: int?
}

@description('The settings as the app wants them, numbers as texts. A value that cannot work ends the deployment before it begins.')
@export()
func checked(settings settingsOf) { *: string } =>
  toObject(items(settings), each => each.key, each => checkedValue(each.key, string(each.value)))

func checkedValue(key string, value string) string =>
  endsWith(key, '_PORTAL_URL') && !isPortal(value)
    ? fail('${key} is "${value}", not the https address of a portal.')
    : endsWith(key, '_SCHEDULE') && !isSchedule(value)
        ? fail('${key} is "${value}", not six fields like 0 0 2 * * *.')
        : contains(['BACKUP_PRUNE_LIMIT', 'BACKUP_WARN_ROWS_LOST'], key) && !isShare(value)
            ? fail('${key} is "${value}", not a share like 0.2.')
            : value

func isPortal(text string) bool =>
  startsWith(text, 'https://') && length(text) > 10 && !hasAny(text, ['?', '#', '@', ' '])
func isSchedule(text string) bool => length(filter(split(text, ' '), field => field != '')) == 6
func isShare(text string) bool =>
  text == '0' || text == '1' || (startsWith(text, '0.') && length(text) > 2 && hasOnly(substring(text, 2), '0123456789'))

func hasAny(text string, parts string[]) bool => length(filter(parts, part => contains(text, part))) > 0
func hasOnly(text string, letters string) bool =>
  empty(filter(range(0, length(text)), at => !contains(letters, substring(text, at, 1))))

@description('A name that every kind of resource takes, storage accounts being the strictest.')
@export()
func nameOf(name string) string =>
  hasOnly(name, 'abcdefghijklmnopqrstuvwxyz0123456789') && !hasOnly(take(name, 1), '0123456789')
    ? name
    : fail('name is "${name}"; it takes small letters and digits, a letter first.')
