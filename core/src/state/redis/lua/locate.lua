-- The meeting and its server: nil if there is none. Mode 'join' counts one user more on an available
-- server, 'take' forgets the meeting.
local id, tenant, mode = arg(), arg(), arg()
local found, server = locate(id, tenant)
if not found then
  return false
end
if mode == 'join' and server.online and server.state ~= 'disabled' then
  add_load(server.id, server.multiplier)
elseif mode == 'take' then
  forget(id, found.voice_bridge)
end
return located(found, server)
