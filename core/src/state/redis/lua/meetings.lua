-- The records of these meetings; expired ones are dropped from the list of IDs on the way.
local found = {}
for _, id in ipairs(list_arg()) do
  local record = meeting(id)
  if record then
    found[#found + 1] = { id, record.server_id, record.moderator_pw, record.voice_bridge, record.tenant_id }
  else
    redis.call('SREM', key('meetings'), id)
    redis.call('ZREM', key('ext:placed_at'), id)
    redis.call('SREM', key('ext:creating'), id)
  end
end
return found
