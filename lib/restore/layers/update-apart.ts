import type { ServiceWriting } from '../../arcgis/writing/service-writing.ts';
import { isUncertain } from '../../arcgis/writing/writer.ts';
import { isCode } from '../../errors.ts';

/**
 * Changes parts of a definition in one call, and one by one where the portal does not take them together: one that it refuses costs no
 * other. Whoever calls looks at what became of them, also where an answer was lost. @returns was it taken at once?
 */
export async function updateApart(
  services: Pick<ServiceWriting, 'updateDefinition'>,
  address: string,
  layerId: number | null,
  body: object,
): Promise<boolean> {
  if (await isTaken(services, address, layerId, body)) return true;
  const parts = Object.entries(body);
  for (const [key, value] of parts.length > 1 ? parts : [])
    await isTaken(services, address, layerId, { [key]: value as unknown });
  return false;
}

async function isTaken(
  services: Pick<ServiceWriting, 'updateDefinition'>,
  address: string,
  layerId: number | null,
  body: object,
): Promise<boolean> {
  try {
    await services.updateDefinition(address, layerId, body);
    return true;
  } catch (error) {
    if (isUncertain(error)) return true;
    if (!isCode(error, 'RESTORE_REFUSED')) throw error;
    return false;
  }
}
