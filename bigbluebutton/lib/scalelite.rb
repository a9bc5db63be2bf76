# frozen_string_literal: true

# Sends recordings from a BigBlueButton server to Scalelite. Ruby 2.7 or newer, its standard library, and tar.
module Scalelite
  # Something is wrong that an operator, or a later try, has to deal with. The message says what.
  class Error < StandardError; end

  def self.log(message)
    $stdout.puts("scalelite: #{message}")
    $stdout.flush
  end

  # Gives the exit status: what the block gives, or false with a message.
  def self.run
    yield
  rescue Error, SystemCallError => e
    warn("scalelite: #{e.message}")
    false
  end
end

require 'scalelite/settings'
require 'scalelite/record'
require 'scalelite/carriers'
require 'scalelite/upload'
require 'scalelite/outbox'
require 'scalelite/batch'
