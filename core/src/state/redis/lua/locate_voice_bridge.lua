-- The meeting that has this voice bridge number, and its server: nil if there is none. A number may still be
-- listed for a meeting that has another one by now, or none.
local number, tenant = arg(), arg()
local id = redis.call('HGET', key('voice_bridges'), number)
if not id then
  return false
end
local found, server = locate(id, tenant)
if not found or found.voice_bridge ~= number then
  return false
end
return { id, unpack(located(found, server)) }
