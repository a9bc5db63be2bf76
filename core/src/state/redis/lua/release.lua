-- Forgets a meeting that its server never got, and takes back the load that it added there. One that
-- another call has created there stays.
local id, server_id = arg(), arg()
local found = meeting(id)
if not found or found.server_id ~= server_id or redis.call('SISMEMBER', key('ext:creating'), id) == 0 then
  return 0
end
local server = route(server_id)
if server then
  add_load(server_id, -server.multiplier)
end
forget(id, found.voice_bridge)
return 1
