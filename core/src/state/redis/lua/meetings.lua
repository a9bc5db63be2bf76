-- The records of these meetings; expired ones are dropped from the list of IDs on the way, and those that an original
-- has created are counted for their tenants.
local found = {}
for _, id in ipairs(list_arg()) do
  local record = meeting(id)
  if record then
    found[#found + 1] = { id, record.server_id, record.moderator_pw, record.voice_bridge, record.tenant_id }
    if record.tenant_id ~= '' and redis.call('HGET', key('ext:tenant_of'), id) ~= record.tenant_id then
      uncount(id)
      count_for(record.tenant_id, id)
      -- By the stamp it is found if the original ends it, too. It is too old to keep a poll from forgetting the meeting.
      redis.call('ZADD', key('ext:placed_at'), 'NX', now_ms() - 3600000, id)
    end
  else
    redis.call('SREM', key('meetings'), id)
    redis.call('ZREM', key('ext:placed_at'), id)
    redis.call('SREM', key('ext:creating'), id)
    uncount(id)
  end
end
return found
