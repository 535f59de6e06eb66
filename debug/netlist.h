// SPDX-License-Identifier: Apache-2.0
#pragma once
// A design as Verilator elaborates it (--xml-only): which expressions drive a signal, through instances and generate
// blocks.
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace systole::debug {

struct RtlDesign {
  std::vector<std::filesystem::path> sources;
  std::string top;
  std::vector<std::string> parameters;  ///< "Rows=8"
  std::string commands = {};            ///< for Yosys, once the modules are elaborated
};

class Netlist {
 public:
  /// A variable of one instance: the instances from the top down to it.
  struct Signal {
    std::vector<pugi::xml_node> instances;
    pugi::xml_node variable;
  };
  /// What writes a signal: an assignment of the signal's own module; or the expression at a port, of the module that
  /// holds the instance. `reads`: all that it depends on, conditions included.
  struct Driver {
    pugi::xml_node expression;
    bool is_register = false;
    std::vector<pugi::xml_node> conditions;
    std::vector<Signal> reads;
    std::vector<pugi::xml_node> instances;  ///< where the expression stands
  };
  struct Place {
    std::filesystem::path file;
    int line = 0;  ///< from 1
  };

  /// Nothing where Verilator is missing or refuses the sources.
  static std::optional<Netlist> read(const RtlDesign& design);

  /// The signal at that path below the top module ("u_array.g_row[0].g_col[0].u_c.act_q", "state_o").
  [[nodiscard]] std::optional<Signal> find(const std::string& path) const;
  [[nodiscard]] std::string path_of(const Signal& signal) const;
  [[nodiscard]] std::string path_of(const std::vector<pugi::xml_node>& instances) const;
  [[nodiscard]] std::vector<Driver> drivers_of(const Signal& signal);
  /// Of an expression; nothing where it has none.
  [[nodiscard]] std::optional<Place> place_of(const pugi::xml_node& expression) const;
  /// As the source names the module in which it stands.
  [[nodiscard]] std::string module_of(const pugi::xml_node& expression) const;

 private:
  using Key = std::size_t;
  struct InstancePort {
    pugi::xml_node instance, port;
  };
  /// Of one module, by variable.
  struct Writers {
    std::unordered_map<Key, std::vector<pugi::xml_node>> assignments;
    std::unordered_map<Key, std::vector<InstancePort>> ports;
  };

  explicit Netlist(std::unique_ptr<pugi::xml_document> document);
  [[nodiscard]] pugi::xml_node definition_of(const pugi::xml_node& instance) const;
  [[nodiscard]] pugi::xml_node module_at(const std::vector<pugi::xml_node>& instances) const;
  [[nodiscard]] static pugi::xml_node resolve(const pugi::xml_node& reference);
  const Writers& writers_in(const pugi::xml_node& module);
  void index(const pugi::xml_node& scope, Writers& writers) const;
  [[nodiscard]] Driver make_driver(const std::vector<pugi::xml_node>& instances,
                                   const pugi::xml_node& expression) const;

  std::unique_ptr<pugi::xml_document> document_;  // its nodes stay where they are when the netlist moves
  pugi::xml_node netlist_, top_;
  std::map<std::string, std::string> files_;
  std::map<std::string, pugi::xml_node> modules_;
  std::unordered_map<Key, Writers> writers_;
};

}  // namespace systole::debug
