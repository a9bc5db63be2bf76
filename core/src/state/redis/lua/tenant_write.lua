-- What adding and changing a tenant have in common.

-- Whether the name leads to another tenant that is there.
local function name_taken(name, id)
  local owner = redis.call('HGET', key('tenant_name:' .. name), 'id')
  return owner and owner ~= id and redis.call('HGET', key('tenant:' .. owner), 'name') == name
end

-- Fields and values; an empty value takes the field away, but for the secrets: an original needs that field.
local function set_fields(id, fields)
  for i = 1, #fields, 2 do
    if fields[i + 1] == '' and fields[i] ~= 'secrets' then
      redis.call('HDEL', key('tenant:' .. id), fields[i])
    else
      redis.call('HSET', key('tenant:' .. id), fields[i], fields[i + 1])
    end
  end
end

-- Settings are lists of four: ID, param, value, override.
local function any_of_another(settings, id)
  for i = 1, #settings, 4 do
    local owner = redis.call('HGET', key('tenant_setting:' .. settings[i]), 'tenant_id')
    if owner and owner ~= id then
      return true
    end
  end
  return false
end

local function put_settings(id, settings)
  for i = 1, #settings, 4 do
    redis.call('HSET', key('tenant_setting:' .. settings[i]), 'param', settings[i + 1], 'value', settings[i + 2],
      'override', settings[i + 3], 'tenant_id', id)
    redis.call('SADD', key('tenant_settings:' .. id), settings[i])
  end
end
